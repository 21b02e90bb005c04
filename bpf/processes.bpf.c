// SPDX-License-Identifier: Apache-2.0
/*
 * processes: those whose comm starts with a prefix, as the kernel knows them.
 *
 * An iterator over the tasks that the reader's PID namespace shows, in a small part of the time that /proc
 * takes. It also tells what a container cannot see of another: the id and the depth of a process's cgroup.
 */
#include "kernel_types.h"

/* include/linux/sched.h */
#define PF_KTHREAD 0x00200000

/* Set by user space before the program is loaded: the prefix, zero-padded, and 0xff for each byte of it. */
const volatile __u64 comm[2] = {};
const volatile __u64 comm_mask[2] = {};

/* What user space reads, one after the other. */
struct found_process {
	__u64 start_ns; /* since the machine started, also while it slept */
	__u64 cgroup_id;
	__u64 comm[2];
	__u32 pid; /* in the reader's PID namespace */
	__u32 cgroup_level; /* depth below the root of the hierarchy */
	__u64 holds_reader; /* 1 if the reader is in that cgroup, or below it */
};

/* Keeps the type in the object's BTF. */
const volatile struct found_process found_process_type = {};

#define read_kernel(destination, source) \
	bpf_probe_read_kernel(&(destination), sizeof(destination), source)

/* The process that reads the iterator. */
static __always_inline struct task_struct *reader(void)
{
	return (struct task_struct *)bpf_get_current_task();
}

static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	struct cgroup *cgroup = (void *)0;
	struct css_set *set = (void *)0;

	read_kernel(set, &task->cgroups);
	read_kernel(cgroup, &set->dfl_cgrp);
	return cgroup;
}

static __always_inline __u64 id_of(struct cgroup *cgroup)
{
	struct kernfs_node *node = (void *)0;
	__u64 id = 0;

	read_kernel(node, &cgroup->kn);
	read_kernel(id, &node->id);
	return id;
}

static __always_inline __u32 level_of(struct cgroup *cgroup)
{
	__u32 level = 0;

	read_kernel(level, &cgroup->level);
	return level;
}

/* The id of the cgroup at a depth above the reader's, or of the reader's own; 0 if it is less deep. */
static __always_inline __u64 reader_cgroup_id(__u32 level)
{
	struct cgroup *cgroup = cgroup_of(reader());
	struct cgroup___before_6_1 *older = (void *)cgroup;
	__u64 id = 0;

	if (level_of(cgroup) < level)
		return 0;
	if (bpf_core_field_exists(cgroup->ancestors)) {
		read_kernel(cgroup, &cgroup->ancestors[0] + level);
		return id_of(cgroup);
	}
	read_kernel(id, &older->ancestor_ids[0] + level);
	return id;
}

/* The process's number in the reader's PID namespace, which is one of those that know it. */
static __always_inline __u32 pid_of(struct task_struct *task)
{
	struct pid *own = (void *)0, *pid = (void *)0;
	__u32 level = 0, number = 0;

	read_kernel(own, &reader()->thread_pid);
	read_kernel(level, &own->level);
	read_kernel(pid, &task->thread_pid);
	read_kernel(number, (void *)&pid->numbers[0].nr + level * bpf_core_type_size(struct upid));
	return number;
}

SEC("iter/task")
int find_processes(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct found_process found = {};
	struct cgroup *cgroup;

	if (!task || task->pid != task->tgid || task->flags & PF_KTHREAD || task->exit_state)
		return 0;
	read_kernel(found.comm, &task->comm);
	if ((found.comm[0] ^ comm[0]) & comm_mask[0] || (found.comm[1] ^ comm[1]) & comm_mask[1])
		return 0;
	cgroup = cgroup_of(task);
	found.start_ns = task->start_boottime;
	found.cgroup_id = id_of(cgroup);
	found.cgroup_level = level_of(cgroup);
	found.pid = pid_of(task);
	found.holds_reader = reader_cgroup_id(found.cgroup_level) == found.cgroup_id;
	bpf_seq_write(ctx->meta->seq, &found, sizeof(found));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
