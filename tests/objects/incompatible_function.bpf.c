// SPDX-License-Identifier: Apache-2.0
/* The kernel's function takes a pointer: where there is such a function, nothing of the object can be loaded. */
#include "test_helpers.h"

extern void bpf_task_release(int task) __ksym __weak;

SEC("tp_btf/sys_enter")
int calls_it(void *ctx)
{
	if (bpf_task_release)
		bpf_task_release(1);
	return 0;
}

LICENSED;
