// SPDX-License-Identifier: Apache-2.0
/* Variables that a program writes, beside others that user space does. */
#include "test_helpers.h"

struct settings {
	int level;
	int limit;
};

const volatile __u32 watched_tgid = 0;

struct settings settings SEC(".data.beside") = { 1, 2 };
__u64 counted SEC(".data.beside");
int knob SEC(".data.beside") = 3;
char around[3] SEC(".data.beside") = { 7, 8, 9 };

/* The kernel lets nobody share a section with a lock in it. */
struct bpf_spin_lock {
	__u32 val;
};
struct {
	struct bpf_spin_lock lock;
	int guarded;
} locked SEC(".data.locked");
int unguarded SEC(".data.locked") = 4;

/* In a section that nobody else writes. */
__u64 counted_apart;

/* Every system call of a process. */
SEC("raw_tp/sys_enter")
int count_calls(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 != watched_tgid)
		return 0;
	__sync_fetch_and_add(&counted, 1);
	__sync_fetch_and_add(&counted_apart, 1);
	return 0;
}

LICENSED;
