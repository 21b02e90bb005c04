// SPDX-License-Identifier: Apache-2.0
/* Counts the ticks at which a process runs. */
#include "test_helpers.h"

const volatile __u32 watched_tgid = 0;

__u64 ticks;

SEC("perf_event")
int on_tick(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 == watched_tgid)
		__sync_fetch_and_add(&ticks, 1);
	return 0;
}

LICENSED;
