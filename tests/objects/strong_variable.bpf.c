// SPDX-License-Identifier: Apache-2.0
/* A variable that the BTF of some kernels lacks: there, nothing of the object can be loaded. */
#include "test_helpers.h"

struct rq {
	int cpu;
};

extern const struct rq runqueues __ksym;

SEC("raw_tp/sys_enter")
int refers_to_it(void *ctx)
{
	struct rq *queue = bpf_per_cpu_ptr(&runqueues, 1);

	return queue ? queue->cpu : -1;
}

LICENSED;
