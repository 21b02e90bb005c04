// SPDX-License-Identifier: Apache-2.0
/* A symbol that no kernel has: nothing of the object can be loaded. */
#include "test_helpers.h"

extern const void no_such_symbol __ksym;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return (long)&no_such_symbol;
}

SEC("raw_tp/sys_enter")
int needs_nothing(void *ctx)
{
	return 0;
}

LICENSED;
