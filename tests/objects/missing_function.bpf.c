// SPDX-License-Identifier: Apache-2.0
/* A function that no kernel has: nothing of the object can be loaded. */
#include "test_helpers.h"

extern int no_such_function(void) __ksym;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return no_such_function();
}

SEC("raw_tp/sys_enter")
int needs_nothing(void *ctx)
{
	return 0;
}

LICENSED;
