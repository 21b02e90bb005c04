// SPDX-License-Identifier: Apache-2.0
/* Counts one process's calls of kill(2), in three ways to attach. */
#include "bpf_helpers.h"

/* 12 bytes: not a multiple of 8, so values of a per-CPU look-up have gaps. */
struct tally {
	__u32 calls;
	__u32 probes; /* with signal 0 */
	__u32 spare;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tally);
} tallies SEC(".maps");

/* Only the program "unused" refers to it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} unused_map SEC(".maps");

const volatile __u32 watched_tgid = 0;
const volatile __u64 nr_kill = 0;

static __always_inline int count_call(void)
{
	__u32 slot = 0;
	struct tally *tally;

	if (bpf_get_current_pid_tgid() >> 32 != watched_tgid)
		return 0;
	tally = bpf_map_lookup_elem(&tallies, &slot);
	if (tally)
		tally->calls++;
	return 0;
}

SEC("tp_btf/sys_enter")
int by_tp_btf(__u64 *ctx)
{
	return ctx[1] == nr_kill ? count_call() : 0;
}

SEC("raw_tp/sys_enter")
int by_raw_tp(__u64 *ctx)
{
	return ctx[1] == nr_kill ? count_call() : 0;
}

SEC("tracepoint/syscalls/sys_enter_kill")
int by_tracepoint(void *ctx)
{
	return count_call();
}

SEC("raw_tp/sys_exit")
int unused(void *ctx)
{
	__u32 key = 1;
	__u64 value = 2;

	bpf_map_update_elem(&unused_map, &key, &value, 0);
	return 0;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
