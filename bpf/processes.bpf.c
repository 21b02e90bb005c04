// SPDX-License-Identifier: Apache-2.0
/*
 * processes: those whose comm starts with a prefix, as the kernel knows them.
 *
 * An iterator over the tasks that the reader's PID namespace shows, in a small part of the time that /proc
 * takes. It also tells what a container cannot see of another: the id and the depth of a process's cgroup.
 *
 * Two more are for a container of a pod whose containers do not share a PID namespace: one names the cgroups
 * above the reader, by which user space knows the pod's, and one finds processes in there.
 */
#include "cgroup_tree.h"

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
	__u32 pid; /* in the reader's PID namespace; 0 if it is not in there */
	__u32 cgroup_level; /* depth below the root of the hierarchy */
	__u32 tgid; /* in the initial PID namespace: tells it from all others */
	__u32 holds_reader; /* 1 if the reader is in that cgroup, or below it */
};

/* Keeps the type in the object's BTF. */
const volatile struct found_process found_process_type = {};

/* As much of a cgroup's name as any pod's has, zero-padded; with a zero at the end if it goes on. */
struct found_cgroup {
	char name[128];
};

const volatile struct found_cgroup found_cgroup_type = {};

/* Set by user space before find_in_pod is read: how many levels above the reader's cgroup the pod's is. */
__u32 levels_to_pod = 0;

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

static __always_inline bool has_ended(struct task_struct *task)
{
	int exit_state = 0;

	read_kernel(exit_state, &task->exit_state);
	return exit_state;
}

/* Whether a process goes on though its main thread has ended, of which it keeps number, name and start. */
static __always_inline bool has_threads_left(struct task_struct *task)
{
	struct signal_struct *signal = (void *)0;
	int live = 0;

	read_kernel(signal, &task->signal);
	read_kernel(live, &signal->live.counter);
	return live > 0;
}

/* Whether a task is a process that has not ended and whose comm starts with the prefix. */
static __always_inline bool is_sought(struct task_struct *task)
{
	__u32 pid = 0, tgid = 1, flags = 0;
	__u64 name[2] = {};

	read_kernel(pid, &task->pid);
	read_kernel(tgid, &task->tgid);
	read_kernel(flags, &task->flags);
	if (pid != tgid || flags & PF_KTHREAD || (has_ended(task) && !has_threads_left(task)))
		return false;
	read_kernel(name, &task->comm);
	return !((name[0] ^ comm[0]) & comm_mask[0] || (name[1] ^ comm[1]) & comm_mask[1]);
}

static __always_inline struct found_process describe(struct task_struct *task)
{
	struct cgroup *cgroup = domain_of(task);
	struct found_process found = {};

	read_kernel(found.tgid, &task->tgid);
	read_kernel(found.comm, &task->comm);
	read_kernel(found.start_ns, &task->start_boottime);
	found.cgroup_id = id_of(cgroup);
	found.cgroup_level = level_of(cgroup);
	found.pid = pid_of(task);
	found.holds_reader = reader_cgroup_id(found.cgroup_level) == found.cgroup_id;
	return found;
}

/* Whether the iterator has come to the reader, which also is where one that has to do something once does it. */
static __always_inline bool is_reader(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	__u32 pid = 0;

	if (!task)
		return false;
	read_kernel(pid, &task->pid);
	return pid == bpf_get_current_pid_tgid() >> 32;
}

/* Tells of the reader in any case: by its numbers it knows whose numbers /proc shows. */
SEC("iter/task")
int find_processes(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct found_process found;

	if (!task || !(is_sought(task) || is_reader(ctx)))
		return 0;
	found = describe(task);
	bpf_seq_write(ctx->meta->seq, &found, sizeof(found));
	return 0;
}

SEC("iter/task")
int find_cgroups_above(struct bpf_iter__task *ctx)
{
	struct cgroup_subsys_state *state;

	if (!is_reader(ctx))
		return 0;
	state = state_of(cgroup_of(reader()));
	for (int level = 0; level < WALK_DEPTH; level++) {
		struct found_cgroup found = {};
		struct kernfs_node___name *node = (void *)0;
		struct cgroup *cgroup = (void *)0;
		const char *name = (void *)0;

		state = parent_of(state);
		if (!state)
			break;
		read_kernel(cgroup, &state->cgroup);
		read_kernel(node, &cgroup->kn);
		read_kernel(name, &node->name);
		bpf_probe_read_kernel_str(&found, sizeof(found), name);
		bpf_seq_write(ctx->meta->seq, &found, sizeof(found));
	}
	return 0;
}

enum walk_result {
	WALK_ENDED = 0,
	WALK_GOES_ON = 1,
	WALK_FOUND = 2,
};

/*
 * The process that a thread stands for: itself if it is the main thread, and the main thread if that has ended, for
 * the cgroup has that no more in its list. Of such a process each thread that is left stands for it.
 */
static __always_inline struct task_struct *process_of(struct task_struct *thread)
{
	struct task_struct *leader = (void *)0;

	read_kernel(leader, &thread->group_leader);
	return has_ended(leader) ? leader : thread;
}

/* Not inlined and not static, so that the verifier looks at a step once, however many there are. */
__attribute__((noinline)) int walk_step(void)
{
	if (walk.set)
		return walk_to_next_thread() && is_sought(process_of(walk.task)) ? WALK_FOUND : WALK_GOES_ON;
	return walk_to_next_set() || walk_to_next_cgroup() ? WALK_GOES_ON : WALK_ENDED;
}

__attribute__((noinline)) int walk_steps(void)
{
	for (int step = 0; step < 1024; step++) {
		int result = walk_step();

		if (result != WALK_GOES_ON)
			return result;
	}
	return WALK_GOES_ON;
}

/* Whether a task is in a cgroup, or as far below it as a walk goes, by its own account. */
static __always_inline bool is_within(struct task_struct *task, struct cgroup_subsys_state *above)
{
	struct cgroup_subsys_state *state = state_of(cgroup_of(task));

	for (int level = 0; level <= WALK_DEPTH; level++) {
		if (state == above)
			return true;
		state = parent_of(state);
	}
	return false;
}

/* Those of the pod that find_processes does not find. */
SEC("iter/task")
int find_in_pod(struct bpf_iter__task *ctx)
{
	struct cgroup_subsys_state *pod;

	if (!is_reader(ctx))
		return 0;
	pod = state_of(cgroup_of(reader()));
	for (__u32 level = 0; level < WALK_DEPTH && level < levels_to_pod; level++)
		pod = parent_of(pod);
	walk_from(pod);
	for (int round = 0; round < 64; round++) {
		struct found_process found;
		int result = walk_steps();

		if (result == WALK_ENDED)
			break;
		if (result != WALK_FOUND || !is_within(walk.task, pod))
			continue;
		found = describe(process_of(walk.task));
		if (!found.pid)
			bpf_seq_write(ctx->meta->seq, &found, sizeof(found));
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
