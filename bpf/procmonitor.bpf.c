// SPDX-License-Identifier: Apache-2.0
/*
 * procmonitor: what the target's process has used, and what its threads are in the middle of.
 *
 * An iterator over the threads, run at a collection: nothing is attached to what the target does. It adds up in
 * the kernel and writes once, when it has come to the end.
 *
 * What threads had used that have ended is in what the process keeps of them, which is read before the first
 * thread: one that ends meanwhile is missed once, and never counts twice.
 */
#include "pid_number.h"
#include "scope.h"

/* Set by user space: whether tracing programs may call bpf_task_pt_regs() (5.15). */
const volatile __u32 has_task_regs = 1;

/*
 * Set by user space: whether it knows processes by their numbers in the initial PID namespace. To find out another number
 * takes helpers that read kernel memory, which lockdown=confidentiality forbids.
 */
const volatile __u32 knows_tgids = 0;

/* Set by user space before a reading: whose threads, by one of them. */
__u32 target_tgid = 0; /* in the initial PID namespace */
__u32 target_pid = 0; /* in the reader's */

#define WATCHED_CALLS 16

/* Set by user space: the numbers of the calls that are watched, and NO_CALL for the rest. */
__u32 watched_calls[WATCHED_CALLS] = {};

/* What user space reads. */
struct process_totals {
	__u64 session; /* which reading it is */
	__u64 now_ns;
	__u64 now_boot_ns; /* the same moment on the clock of start_ns */
	__u64 generation; /* of the filter in force */
	__u64 start_ns; /* since the machine started, also while it slept */
	__u64 cpu_ns;
	__u64 cpu_wait_ns;
	__u64 ended_wait_ns; /* the part of it that threads had waited that have ended */
	__u64 has_cpu_wait; /* 0: this kernel does not count it */
	__u64 major_faults;
	__u64 read_bytes;
	__u64 written_bytes;
	__u64 has_io; /* 0: this kernel does not count them */
	__u64 threads; /* as the process counts them */
	__u64 seen; /* threads that the iterator came to */
	__u64 blocked;
	__u64 calls[WATCHED_CALLS];
	__u64 oldest_ns[WATCHED_CALLS]; /* age of the oldest of them */
};

struct process_totals totals = {};

/*
 * To read what a task points to: from 6.2 on the verifier trusts the pointer, and takes milliseconds to find out
 * whether it may trust the next one, too (tasks.h).
 */
static __always_inline const void *to_read(struct task_struct *task)
{
	if (bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast))
		return bpf_rdonly_cast(task, bpf_core_type_id_kernel(struct task_struct));
	return task;
}

static __always_inline bool is_target(struct task_struct *task)
{
	const struct task_struct *readable;

	if (knows_tgids)
		return target_tgid && (__u32)task->tgid == target_tgid;
	readable = to_read(task);
	return target_pid && pid_of((void *)readable->group_leader) == target_pid;
}

static __always_inline void begin_reading(__u64 session)
{
	const struct ktm_filter *filter = current_filter();

	__builtin_memset(&totals, 0, sizeof(totals));
	totals.session = session;
	totals.now_ns = bpf_ktime_get_ns();
	totals.now_boot_ns = bpf_ktime_get_boot_ns();
	totals.generation = filter ? filter->generation : 0;
}

/* What the process has of itself, and of threads that have ended. */
static __always_inline void add_process(const struct task_struct___usage *task)
{
	const struct signal_struct___usage *signal = task->signal;

	totals.start_ns = ((const struct task_struct *)task)->group_leader->start_boottime;
	totals.threads = signal->nr_threads;
	totals.cpu_ns = signal->sum_sched_runtime;
	totals.major_faults = signal->maj_flt;
	totals.has_io = bpf_core_field_exists(signal->ioac.read_bytes);
	if (bpf_core_field_exists(signal->ioac.read_bytes)) {
		totals.read_bytes = signal->ioac.read_bytes;
		totals.written_bytes = signal->ioac.write_bytes;
	}
	totals.has_cpu_wait = bpf_core_field_exists(task->sched_info.run_delay);
	if (bpf_core_field_exists(signal->stats) && signal->stats)
		totals.ended_wait_ns = signal->stats->cpu_delay_total;
	totals.cpu_wait_ns = totals.ended_wait_ns;
}

/* Whether ps shows a thread as D. */
static __always_inline bool is_blocked(const struct task_struct___usage *task)
{
	const struct task_struct___before_5_14 *older = (const void *)task;
	__u32 state = bpf_core_field_exists(task->__state) ? task->__state : (__u32)older->state;

	if (((const struct task_struct *)task)->exit_state)
		return false;
	if (state & (TASK_RTLOCK_WAIT | TASK_FROZEN))
		return true;
	return (state & TASK_UNINTERRUPTIBLE) && !(state & TASK_NOLOAD);
}

static __always_inline void add_thread(const struct task_struct___usage *task)
{
	__u32 is_exiting = ((const struct task_struct *)task)->flags & PF_EXITING;

	totals.seen++;
	totals.cpu_ns += task->se.sum_exec_runtime;
	totals.major_faults += task->maj_flt;
	if (bpf_core_field_exists(task->ioac.read_bytes)) {
		totals.read_bytes += task->ioac.read_bytes;
		totals.written_bytes += task->ioac.write_bytes;
	}
	/* The process takes over what a thread has waited before the thread is off the list: taskstats_exit(). */
	if (bpf_core_field_exists(task->sched_info.run_delay) && !(is_exiting && totals.ended_wait_ns))
		totals.cpu_wait_ns += task->sched_info.run_delay;
	if (is_blocked(task))
		totals.blocked++;
}

/*
 * The call that a thread is in by its registers: a call whose end no program has seen is no call in flight.
 * Without the helper every call is as its state says.
 */
static __always_inline bool is_in_call(struct task_struct *task, __u32 syscall)
{
	const struct pt_regs___arm64 *arm64;
	const struct pt_regs___x86 *x86;

	if (!has_task_regs)
		return true;
	arm64 = bpf_task_pt_regs(task);
	x86 = (const void *)arm64;
	if (bpf_core_field_exists(arm64->syscallno))
		return (__u32)arm64->syscallno == syscall;
	if (bpf_core_field_exists(x86->orig_ax))
		return (__u32)x86->orig_ax == syscall;
	return true;
}

static __always_inline const struct task_state *state_of_thread(struct task_struct *task)
{
	__u32 thread = task->pid;

	return has_task_storage ? bpf_task_storage_get(&ktm_tasks, task, (void *)0, 0) :
				  bpf_map_lookup_elem(&ktm_threads, &thread);
}

static __always_inline void add_call(struct task_struct *task)
{
	const struct task_state *state = state_of_thread(task);
	__u64 start_ns, age_ns;
	__u32 syscall;

	if (!state || state->generation != totals.generation)
		return;
	start_ns = state->syscall_start_ns;
	syscall = state->syscall;
	if (!start_ns || !is_in_call(task, syscall))
		return;
	age_ns = totals.now_ns > start_ns ? totals.now_ns - start_ns : 0;
	for (int slot = 0; slot < WATCHED_CALLS; slot++) {
		if (watched_calls[slot] != syscall)
			continue;
		totals.calls[slot]++;
		if (totals.oldest_ns[slot] < age_ns)
			totals.oldest_ns[slot] = age_ns;
		return;
	}
}

SEC("iter/task")
int count_threads(struct bpf_iter__task *ctx)
{
	const struct bpf_iter_meta___session *meta = (const void *)ctx->meta;
	struct task_struct *task = ctx->task;
	__u64 session = meta->session_id;

	/* Also of a reading that came to no thread at all. */
	if (totals.session != session)
		begin_reading(session);
	if (!task) {
		if (totals.seen)
			bpf_seq_write(ctx->meta->seq, &totals, sizeof(totals));
		return 0;
	}
	if (!is_target(task))
		return 0;
	if (!totals.seen)
		add_process(to_read(task));
	add_thread(to_read(task));
	add_call(task);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
