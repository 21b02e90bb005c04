// SPDX-License-Identifier: Apache-2.0
/* A variable of another type than the kernel's: where there is one, nothing of the object can be loaded. */
#include "test_helpers.h"

extern const int runqueues __ksym __weak;

SEC("raw_tp/sys_enter")
int needs_it(void *ctx)
{
	return &runqueues ? *(int *)bpf_this_cpu_ptr(&runqueues) : -1;
}

LICENSED;
