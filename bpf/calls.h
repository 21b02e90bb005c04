/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System calls that are followed from their entry to their exit: the same programs for each, under names that end in
 * the call's.
 *
 * Before it includes this, a module lists its calls: CALLS(CALL) is one CALL(name, table, argument, latency) for each.
 *
 * - table: SHARED if the 32-bit table of arm64 has the same function in it, OWN if not
 * - argument: FIRST or FOURTH, the one that the module has to know, or NO_ARGUMENT
 * - latency: the address of the `struct latency` in its `counters` that the call is counted in, or NOT_TIMED
 *
 * After it, the module defines follows() and count_call(), and says which programs its calls have: CALLS(CALL_PROGRAMS),
 * or some of what that consists of.
 */
#pragma once
#include "counting.h"
#include "latency.h"
#include "registers.h"

#define OWN false
#define SHARED true
#define NOT_TIMED ((struct latency *)0)

#define CALL_IN_ENUM(name, ...) CALL_##name,
enum call {
	CALLS(CALL_IN_ENUM)
	OTHER_CALL,
};

/* Set by user space for its architecture before the programs are loaded. */
#define CALL_NUMBER(name, ...) const volatile __u32 nr_##name = 0;
CALLS(CALL_NUMBER)

/* Whether a call of the target is one of those that the module counts; asked at its entry. */
static __always_inline bool follows(enum call call, __u32 argument);
/* Counts what is of interest in a call that returns, beside its latency. */
static __always_inline void count_call(struct counters *counters, enum call call, const struct task_state *state, __s64 ret);

static __always_inline enum call call_of(__u32 syscall)
{
#define IF_CALL_OF(name, ...)          \
	if (syscall == nr_##name)      \
		return CALL_##name;
	CALLS(IF_CALL_OF)
	return OTHER_CALL;
}

static __always_inline bool is_shared(enum call call)
{
#define IF_SHARED(name, table, ...)    \
	if (call == CALL_##name)       \
		return table;
	CALLS(IF_SHARED)
	return false;
}

/* The argument of a call that the module has to know, read by one of the functions above. */
#define ARGUMENT_OF(name, table, argument, ...)           \
	if (call == CALL_##name)                          \
		return argument_in(regs, argument);
static __always_inline __u32 call_argument_in(enum call call, const void *regs)
{
	CALLS(ARGUMENT_OF)
	return 0;
}

static __always_inline struct latency *latency_of(struct counters *counters, enum call call)
{
#define IF_LATENCY_OF(name, table, argument, latency) \
	if (call == CALL_##name)                      \
		return latency;
	CALLS(IF_LATENCY_OF)
	return NOT_TIMED;
}

/* The current thread is in no call that is followed, even if the end of its last one was not seen. */
static __always_inline int enter_no_call(void)
{
	struct task_state *state = task_state();

	if (state)
		state->syscall_start_ns = 0;
	return 0;
}

static __always_inline int enter_call(enum call_table table, enum call call, __u32 syscall, __u32 argument)
{
	struct task_state *state;
	enum scope_match match;
	__u64 generation, now;

	match = target_match(table, &generation);
	if (match == SCOPE_OUTSIDE)
		return 0;
	if (!follows(call, argument))
		return enter_no_call();
	count_fallback(match, syscall);
	/* The clock waits for all that is under way in the processor: the less that is, the better. */
	now = bpf_ktime_get_ns();
	state = state_for(generation);
	if (!state)
		return 0;
	state->syscall = syscall;
	state->argument = argument;
	state->added_folio = 0;
	state->syscall_start_ns = now;
	return 0;
}

/* Only threads that were in scope at the entry have a start time, so the exit needs no filter. */
static __always_inline int exit_call(enum call call, __u32 syscall, __s64 ret)
{
	struct task_state *state = state_in_force();
	struct counters *counters;
	struct latency *latency;
	__u64 ns;

	if (!state || !state->syscall_start_ns || state->syscall != syscall)
		return 0;
	ns = bpf_ktime_get_ns() - state->syscall_start_ns;
	state->syscall_start_ns = 0;
	counters = this_cpu_counters();
	if (!counters)
		return 0;
	latency = latency_of(counters, call);
	if (latency)
		count_latency(latency, ns, ret);
	count_call(counters, call, state, ret);
	return 0;
}

/* A kretprobe follows only so many calls at a time: the end of the thread's last one may not have been seen. */
static __always_inline int enter_call_by_kprobe(enum call call, __u32 syscall, __u32 argument)
{
	struct task_state *state = task_state();

	if (state && state->syscall_start_ns)
		count_lost_event();
	return enter_call(NATIVE_TABLE, call, syscall, argument);
}

/* What all calls pass: BTF-enabled raw tracepoints, whose arguments are those of the tracepoint. */

SEC("tp_btf/sys_enter")
int btf_sys_enter(__u64 *ctx)
{
	__u32 syscall = ctx[1];
	enum call call = call_of(syscall);
	const void *regs;

	if (call == OTHER_CALL)
		return 0;
	regs = (const void *)ctx[0];
	if (is_aarch32(regs))
		return 0;
	return enter_call(ANY_TABLE, call, syscall, call_argument_in(call, regs));
}

SEC("tp_btf/sys_exit")
int btf_sys_exit(__u64 *ctx)
{
	__u32 syscall = call_in((const void *)ctx[0]);
	enum call call = call_of(syscall);

	return call == OTHER_CALL ? 0 : exit_call(call, syscall, ctx[1]);
}

/* The call's function gets the caller's registers; user space names it for its architecture. */
#define BY_FUNCTION(name, table, argument, latency)                                                           \
	SEC("fentry/__x64_sys_" #name)                                                                        \
	int fentry_##name(__u64 *ctx)                                                                         \
	{                                                                                                     \
		const void *regs = (const void *)ctx[0];                                                      \
		return table && is_aarch32(regs) ? 0 : enter_call(NATIVE_TABLE, CALL_##name, nr_##name,       \
								  argument_in(regs, argument));               \
	}                                                                                                     \
	SEC("fexit/__x64_sys_" #name)                                                                         \
	int fexit_##name(__u64 *ctx)                                                                          \
	{                                                                                                     \
		return exit_call(CALL_##name, nr_##name, ctx[1]);                                             \
	}

#define BY_KPROBE(name, table, argument, latency)                                                             \
	SEC("ksyscall/" #name)                                                                                \
	int kprobe_##name(void *ctx)                                                                          \
	{                                                                                                     \
		const void *regs = (const void *)kprobe_argument(ctx);                                        \
		return table && is_aarch32_behind(regs) ?                                                     \
			       0 :                                                                            \
			       enter_call_by_kprobe(CALL_##name, nr_##name, argument_behind(regs, argument)); \
	}                                                                                                     \
	SEC("kretsyscall/" #name)                                                                             \
	int kretprobe_##name(void *ctx)                                                                       \
	{                                                                                                     \
		return exit_call(CALL_##name, nr_##name, kprobe_result(ctx));                                 \
	}

/* Classic tracepoints, whose context is the trace record. The kernel leaves the 32-bit table out of them. */
#define BY_TRACEPOINT(name, table, argument, latency)                                                         \
	SEC("tracepoint/syscalls/sys_enter_" #name)                                                           \
	int tp_enter_##name(struct syscall_trace_enter *ctx)                                                  \
	{                                                                                                     \
		return enter_call(NATIVE_TABLE, CALL_##name, nr_##name,                                       \
				  argument == NO_ARGUMENT ? 0 : ctx->args[argument == NO_ARGUMENT ? 0 : argument]); \
	}                                                                                                     \
	SEC("tracepoint/syscalls/sys_exit_" #name)                                                            \
	int tp_exit_##name(struct syscall_trace_exit *ctx)                                                    \
	{                                                                                                     \
		return exit_call(CALL_##name, nr_##name, ctx->ret);                                           \
	}

#define CALL_PROGRAMS(...) BY_FUNCTION(__VA_ARGS__) BY_KPROBE(__VA_ARGS__) BY_TRACEPOINT(__VA_ARGS__)
