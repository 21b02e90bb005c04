// SPDX-License-Identifier: Apache-2.0
/* A typed variable that no kernel has: nothing of the object can be loaded. */
#include "test_helpers.h"

extern const int no_such_variable __ksym;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return *(int *)bpf_this_cpu_ptr(&no_such_variable);
}

SEC("raw_tp/sys_enter")
int needs_nothing(void *ctx)
{
	return 0;
}

LICENSED;
