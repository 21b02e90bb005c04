/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what happens is the target's, and what its threads are in the middle of.
 *
 * All modules have one filter, one state of each thread and one count of what the filter could not do: user space
 * gives every object the same maps for them.
 */
#pragma once
#include "scope.h"

/*
 * Two ways to count in this CPU's slot.
 *
 * Most counters are changed by one program alone of those that are attached. The kernel never lets a program
 * run on a CPU while it has interrupted or preempted itself there (prog->active, or bpf_prog_active for all that
 * goes through perf events; kernel/trace/bpf_trace.c, kernel/bpf/trampoline.c), or does not preempt it at all
 * (before 5.12), and a program stays on its CPU. So a plain addition loses nothing, at a tenth of the price.
 */
#define count(counter, amount) ((void)((counter) += (amount)))
/* For counters that several programs change: one may preempt the other. */
#define count_shared(counter, amount) ((void)__sync_fetch_and_add(&(counter), amount))

/* What no module can count for itself. */
struct scope_events {
	__u64 fallback; /* events that the comm prefix let in */
	__u64 lost; /* no memory for the state of a thread, or its call's end was not seen */
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scope_events);
} ktm_scope_events SEC(".maps");

static __always_inline struct scope_events *this_cpu_events(void)
{
	__u32 slot = 0;

	return bpf_map_lookup_elem(&ktm_scope_events, &slot);
}

static __always_inline void count_lost_event(void)
{
	struct scope_events *events = this_cpu_events();

	if (events)
		count_shared(events->lost, 1);
}

/* A thread's state, NULL if it has none or has it from another target. */
static __always_inline struct task_state *if_in_force(struct task_state *state)
{
	const struct ktm_filter *filter = state ? current_filter() : (void *)0;

	return filter && state->generation == filter->generation ? state : (void *)0;
}

/* The same of the current thread. */
static __always_inline struct task_state *state_in_force(void)
{
	return if_in_force(task_state());
}

/* No system call. */
#define NO_CALL (~0U)

/*
 * Whether another program has seen the beginning of this call: where some calls are watched by their functions
 * and others by the tracepoint that all pass, both see the former.
 */
static __always_inline bool has_begun(__u32 syscall)
{
	struct task_state *state = syscall == NO_CALL ? (void *)0 : state_in_force();

	return state && state->syscall_start_ns && state->syscall == syscall;
}

/*
 * Calls of the 32-bit table, whose numbers mean others than those of the native one: they do not count.
 *
 * On x86-64 they pass only what all calls pass, and the kernel notes them in the task while it is in them. On arm64
 * a few of them have the function of the native call.
 */
enum call_table {
	NATIVE_TABLE,
	ANY_TABLE,
};

/* Whether the current task is in a call of the 32-bit table of x86; false elsewhere. */
static __always_inline bool in_ia32_call(void)
{
	const struct task_struct___x86 *task = (void *)0;
	__u32 status = 0;

	if (!bpf_core_field_exists(task->thread_info.status))
		return false;
	/* A number, unlike a pointer, the verifier needs not look up to trust, and a trusted pointer is read at once. */
	if (has_task_storage)
		return ((struct task_struct___x86 *)bpf_get_current_task_btf())->thread_info.status & TS_COMPAT;
	task = (const struct task_struct___x86 *)bpf_get_current_task();
	bpf_probe_read_kernel(&status, sizeof(status), &task->thread_info.status);
	return status & TS_COMPAT;
}

/* By which rule the current task belongs to the target, if it does, and of which generation that target is. */
static __always_inline enum scope_match target_match(enum call_table table, __u64 *generation)
{
	const struct ktm_filter *filter = current_filter();
	enum scope_match match;

	if (!filter)
		return SCOPE_OUTSIDE;
	*generation = *(const volatile __u64 *)&filter->generation;
	match = scope_match(filter, *generation);
	return match != SCOPE_OUTSIDE && table == ANY_TABLE && in_ia32_call() ? SCOPE_OUTSIDE : match;
}

/* Counts an event if the comm prefix let it in; a call that begins, or NO_CALL, once. */
static __always_inline void count_fallback(enum scope_match match, __u32 syscall)
{
	struct scope_events *events;

	if (match != SCOPE_BY_COMM || has_begun(syscall))
		return;
	events = this_cpu_events();
	if (events)
		count_shared(events->fallback, 1);
}

/* Whether an event that is no call is the target's, and of which generation that is; if it is, it is counted once. */
static __always_inline bool is_in_scope(__u64 *generation)
{
	enum scope_match match = target_match(NATIVE_TABLE, generation);

	if (match == SCOPE_OUTSIDE)
		return false;
	count_fallback(match, NO_CALL);
	return true;
}

/* The state of the current thread for the target of a generation; what it did for an earlier one is forgotten. */
static __always_inline struct task_state *state_for(__u64 generation)
{
	struct task_state *state = task_state_or_new();

	if (!state) {
		count_lost_event();
		return state;
	}
	if (state->generation != generation) {
		state->generation = generation;
		state->syscall_start_ns = 0;
		state->reclaim_start_ns = 0;
	}
	return state;
}
