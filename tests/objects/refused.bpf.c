// SPDX-License-Identifier: Apache-2.0
/* Programs that the verifier refuses, each for one reason, beside one that it accepts. */
#include "bpf_helpers.h"

struct task_struct {
	int never_was_there;
} __co_re;

/* A hash: of an array the verifier knows from 6.14 on that a constant index is there. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

SEC("raw_tp/sys_enter")
int accepted(void *ctx)
{
	__u32 slot = 0;

	return !bpf_map_lookup_elem(&numbers, &slot);
}

SEC("raw_tp/sys_enter")
int unchecked(void *ctx)
{
	__u32 slot = 0;
	volatile __u64 *number = bpf_map_lookup_elem(&numbers, &slot);

	return *number == 77;
}

SEC("tp_btf/sched_wakeup")
int lacking(__u64 *ctx)
{
	return ((struct task_struct *)ctx[0])->never_was_there;
}

SEC("tp_btf/no_such_tracepoint")
int nowhere(void *ctx)
{
	return 0;
}

/* The verifier goes round until it has had enough. */
SEC("raw_tp/sys_enter")
int too_complex(void *ctx)
{
	for (volatile __u64 round = 0; round != 1ULL << 40; round++)
		;
	return 0;
}

SEC("raw_tp/sys_enter")
int endless(void *ctx)
{
	for (;;)
		asm volatile("r1 = 5");
	return 0;
}

SEC("fentry/vfs_read")
int on_function(void *ctx)
{
	return 0;
}

SEC("raw_tp/no_such_tracepoint")
int nowhere_else(void *ctx)
{
	return 0;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
