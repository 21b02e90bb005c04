// SPDX-License-Identifier: Apache-2.0
/* Counts a process's calls of a function of its own. */
#include "test_helpers.h"

const volatile __u32 watched_tgid = 0;

__u64 entered;
__u64 returned;

SEC("uprobe")
int at_entry(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == watched_tgid)
		__sync_fetch_and_add(&entered, 1);
	return 0;
}

SEC("uretprobe//lib/none.so:none")
int at_return(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == watched_tgid)
		__sync_fetch_and_add(&returned, 1);
	return 0;
}

LICENSED;
