// SPDX-License-Identifier: Apache-2.0
/*
 * writemonitor: what the kernel does for one process's writes to files.
 *
 * Every logical probe has its programs in several variants, as in iomonitor.
 */
#include "files.h"
#include "latency.h"

/* What each program counts is its own, so that a plain addition loses nothing: user space adds a family up. */
struct counters {
	struct latency write;
	struct latency pwrite64;
	struct latency writev;
	struct latency pwritev;
	struct latency pwritev2;
	struct latency fsync;
	struct latency fdatasync;
	struct latency sync_file_range;
	__u64 throttles;
	__u64 throttle_ns;
};

/*
 * On arm64 the 32-bit table has functions of its own for the calls that take an offset. It has had none for writev since
 * Linux 5.10.
 */
#define WRITES(CALL)                                    \
	CALL(write, SHARED, FIRST, &counters->write)    \
	CALL(pwrite64, OWN, FIRST, &counters->pwrite64) \
	CALL(writev, SHARED, FIRST, &counters->writev)  \
	CALL(pwritev, OWN, FIRST, &counters->pwritev)   \
	CALL(pwritev2, OWN, FIRST, &counters->pwritev2)
#define SYNCS(CALL)                                                \
	CALL(fsync, SHARED, NO_ARGUMENT, &counters->fsync)         \
	CALL(fdatasync, SHARED, NO_ARGUMENT, &counters->fdatasync) \
	CALL(sync_file_range, OWN, NO_ARGUMENT, &counters->sync_file_range)
#define CALLS(CALL) WRITES(CALL) SYNCS(CALL)

#include "calls.h"

/* Set by user space: nanoseconds of a jiffy. */
const volatile __u64 jiffy_ns = 0;

/* Writes count that go to a regular file: not those to sockets, pipes and terminals. */
static __always_inline bool follows(enum call call, __u32 fd)
{
#define OR_CALL(name, ...) || call == CALL_##name
	return !(false WRITES(OR_CALL)) || is_regular_file(fd);
}

static __always_inline void count_call(struct counters *counters, enum call call, const struct task_state *state, __s64 ret)
{
}

CALLS(CALL_PROGRAMS)

/* ---- Sleep of a thread that has dirtied too much: balance_dirty_pages() in mm/page-writeback.c ---- */

static __always_inline int count_throttle(__u64 ns)
{
	struct counters *counters = this_cpu_counters();

	if (!counters)
		return 0;
	count(counters->throttles, 1);
	count(counters->throttle_ns, ns);
	return 0;
}

/* The tracepoint's argument that says for how many jiffies the thread will sleep, not at all if it is not positive. */
static __always_inline __s64 jiffies_in(const __u64 *ctx)
{
	struct trace_event_raw_balance_dirty_pages *record = (void *)0;
	__s64 jiffies;

	if (bpf_core_field_exists(record->wb_dirty)) {
		jiffies = ctx[6];
		barrier();
		return jiffies;
	}
	return ctx[10];
}

SEC("tp_btf/balance_dirty_pages")
int btf_throttle_begin(__u64 *ctx)
{
	__s64 jiffies = jiffies_in(ctx);
	struct task_state *state;
	__u64 generation;

	if (jiffies <= 0 || !is_in_scope(&generation))
		return 0;
	state = state_for(generation);
	if (!state)
		return 0;
	state->throttle_jiffies = jiffies;
	state->throttle_start_ns = bpf_ktime_get_ns();
	return 0;
}

/* A thread that may not wait, as io_uring's, returns from there without sleep, and may sleep later elsewhere. */
SEC("fexit/io_schedule_timeout")
int fexit_throttle_end(__u64 *ctx)
{
	struct task_state *state = task_state();
	__u64 start_ns;

	if (!state || !state->throttle_start_ns)
		return 0;
	start_ns = state->throttle_start_ns;
	state->throttle_start_ns = 0;
	if (state->throttle_jiffies != ctx[0] || !if_in_force(state))
		return 0;
	return count_throttle(bpf_ktime_get_ns() - start_ns);
}

/* Where the end of the sleep is not seen: only a signal that kills cuts it short. */
static __always_inline int count_pause(__s64 ns)
{
	__u64 generation;

	return ns > 0 && is_in_scope(&generation) ? count_throttle(ns) : 0;
}

SEC("tp_btf/balance_dirty_pages")
int btf_throttle_pause(__u64 *ctx)
{
	return count_pause(jiffies_in(ctx) * (__s64)jiffy_ns);
}

SEC("tracepoint/writeback/balance_dirty_pages")
int tp_throttle_pause(struct trace_event_raw_balance_dirty_pages *ctx)
{
	return count_pause(ctx->pause * 1000000LL);
}

/* The helpers in use are for programs under a GPL-compatible license. */
const char LICENSE[] SEC("license") = "Dual MIT/GPL";
