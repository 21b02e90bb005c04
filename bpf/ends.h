/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How processes of the target end: the last of them, until user space takes them.
 *
 * A process ends with its last thread, whichever that is: the main thread may have ended long before, and a thread that
 * calls execve() ends all others and takes the main thread's place, which is no end.
 */
#pragma once
#include "scope.h"

struct process_end {
	__u64 start_ns; /* when the process began, in CLOCK_BOOTTIME */
	__u64 end_ns; /* in CLOCK_MONOTONIC */
	__u64 comm[2];
	__u32 tgid; /* in the initial PID namespace */
	__u32 pid; /* in the agent's; 0 if it is not in there */
	__u32 status; /* as wait(2) gives it */
	__u32 is_oom_kill;
};

/* Full, it gives up the oldest. */
struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 256);
	__type(value, struct process_end);
} ktm_ends SEC(".maps");

/* When the OOM killer chose a process, in CLOCK_BOOTTIME; it may be one that is not watched. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} ktm_oom_victims SEC(".maps");

#define SIGKILL 9
/* What killed a process, in the status of wait(2). */
#define TERM_SIGNAL(status) ((status) & 0x7f)

/* Reads a member of a structure of the kernel, as the current task is read in tasks.h. */
#define read_member(destination, pointer, member)                                                        \
	(has_task_storage ? (void)((destination) = (pointer)->member)                                    \
			  : (void)bpf_probe_read_kernel(&(destination), sizeof(destination), &(pointer)->member))

static __always_inline const struct task_struct *ending_task(void)
{
	return has_task_storage ? task_to_read() : (const struct task_struct *)bpf_get_current_task();
}

/* Whether no other thread of the current task's process goes on. */
static __always_inline bool is_last_thread(void)
{
	const struct task_struct *task = ending_task();
	const struct signal_struct *signal = (void *)0;
	int live = 1;

	read_member(signal, task, signal);
	read_member(live, signal, live.counter);
	return live == 0;
}

/* As wait_task_zombie() in kernel/exit.c finds it. */
static __always_inline __u32 wait_status(const struct task_struct *task, const struct task_struct *leader)
{
	const struct signal_struct *signal = (void *)0;
	__u32 flags = 0;
	int status = 0;

	read_member(signal, task, signal);
	read_member(flags, signal, flags);
	if (flags & SIGNAL_GROUP_EXIT)
		read_member(status, signal, group_exit_code);
	else
		read_member(status, leader, exit_code);
	return status;
}

/* The number of the current process in the agent's PID namespace, 0 if it is not in there. */
static __always_inline __u32 pid_for_agent(const struct ktm_scope *scope)
{
	struct bpf_pidns_info info = {};

	if (!scope->pidns_ino)
		return bpf_get_current_pid_tgid() >> 32;
	if (bpf_get_ns_current_pid_tgid(scope->pidns_dev, scope->pidns_ino, &info, sizeof(info)))
		return 0;
	return info.tgid;
}

/* Whether the OOM killer chose a thread since the process began; that is told once. */
static __always_inline bool was_chosen(__u32 thread, __u64 start_ns)
{
	const __u64 *chosen_ns = bpf_map_lookup_elem(&ktm_oom_victims, &thread);

	return chosen_ns && *chosen_ns >= start_ns && !bpf_map_delete_elem(&ktm_oom_victims, &thread);
}

static __always_inline void describe_end(struct process_end *end, const struct ktm_scope *scope)
{
	const struct task_struct *leader = (void *)0, *task = ending_task();
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	read_member(leader, task, group_leader);
	read_member(end->start_ns, leader, start_boottime);
	end->end_ns = bpf_ktime_get_ns();
	process_comm(end->comm);
	end->tgid = pid_tgid >> 32;
	end->pid = pid_for_agent(scope);
	end->status = wait_status(task, leader);
	end->is_oom_kill = TERM_SIGNAL(end->status) == SIGKILL &&
			   (was_chosen(end->tgid, end->start_ns) || was_chosen(pid_tgid, end->start_ns));
}

/* The OOM killer has chosen a process. It names one several times if several of its threads ask for memory. */
static __always_inline int mark_victim(__u32 tgid)
{
	__u64 now = bpf_ktime_get_boot_ns();

	bpf_map_update_elem(&ktm_oom_victims, &tgid, &now, 0);
	return 0;
}

/*
 * The same by the number of the thread that it took for the process: the main thread, unless that has ended.
 * A thread that asks for memory while it is being killed is chosen itself.
 */
static __always_inline int mark_victim_thread(__u32 thread)
{
	__u64 pid_tgid = bpf_get_current_pid_tgid();

	return mark_victim(thread == (__u32)pid_tgid ? pid_tgid >> 32 : thread);
}

/* A thread that is not the last of its process ends: what is known of it by its number is of the process. */
static __always_inline void pass_on_mark(void)
{
	const struct task_struct *task = ending_task();
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	__u32 thread = pid_tgid;
	int status = 0;

	read_member(status, task, exit_code);
	if (TERM_SIGNAL(status) == SIGKILL && !bpf_map_delete_elem(&ktm_oom_victims, &thread))
		mark_victim(pid_tgid >> 32);
}
