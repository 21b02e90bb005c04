// SPDX-License-Identifier: Apache-2.0
/*
 * target: whom all modules watch, and how it ends.
 *
 * The maps of this object are those of every other one: the filter, the state of each thread, and what the filter
 * could not do. Nothing here runs in the middle of the target's work.
 */
#include "ends.h"
#include "watched.h"

struct counters {
	__u64 oom_kills;
};

#include "counting.h"

/* The current task ends. */
static __always_inline int end_task(void)
{
	const struct ktm_filter *filter = current_filter();
	struct process_end end = {};
	struct counters *counters;
	__u64 generation;

	if (!is_last_thread()) {
		pass_on_mark();
		return 0;
	}
	if (!filter)
		return 0;
	generation = *(const volatile __u64 *)&filter->generation;
	if (scope_match(filter, generation) == SCOPE_OUTSIDE)
		return 0;
	describe_end(&end, &filter->scopes[generation & 1]);
	counters = this_cpu_counters();
	if (end.is_oom_kill && counters)
		count(counters->oom_kills, 1);
	bpf_map_push_elem(&ktm_ends, &end, BPF_EXIST);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int btf_process_end(void *ctx)
{
	return end_task();
}

SEC("tp_btf/mark_victim")
int btf_oom_victim(__u64 *ctx)
{
	struct trace_event_raw_mark_victim *record = (void *)0;

	if (bpf_core_field_exists(record->uid))
		return mark_victim(((struct task_struct *)ctx[0])->tgid);
	return mark_victim_thread(ctx[0]);
}

SEC("tracepoint/sched/sched_process_exit")
int tp_process_end(void *ctx)
{
	return end_task();
}

SEC("tracepoint/oom/mark_victim")
int tp_oom_victim(struct trace_event_raw_mark_victim *ctx)
{
	return mark_victim_thread(ctx->pid);
}

/* ---- Run by the agent itself ---- */

/* Its number in the initial PID namespace, which its own PID namespace may not tell. */
SEC("raw_tp")
int agent_tgid(void *ctx)
{
	return bpf_get_current_pid_tgid() >> 32;
}

/* The helpers in use are for programs under a GPL-compatible license. */
const char LICENSE[] SEC("license") = "Dual MIT/GPL";
