/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current task, and what it is in the middle of.
 *
 * Kernels from 5.12 have storage that belongs to the task and goes with it, and a typed pointer to the
 * current task, through which programs read as if it were their own memory. Older ones have a hash by thread
 * id, which forgets the oldest, and an untyped pointer.
 */
#pragma once
#include "kernel_types.h"

/* Set by user space: whether tracing programs may call bpf_task_storage_get(). */
const volatile __u32 has_task_storage = 1;
/* Set by user space: whether tracing programs may call bpf_get_current_ancestor_cgroup_id(). */
const volatile __u32 has_ancestor_helper = 1;

/* Not a call: the verifier replaces it by a move. */
extern void *bpf_rdonly_cast(const void *object, __u32 type) __ksym __weak;

/*
 * The current task, only to read what it points to.
 *
 * From 6.2 on the verifier trusts the pointer, and looks up by name, in all types of the kernel, whether
 * it may trust what is read from it, too: milliseconds for each pointer. A cast takes the trust away.
 */
static __always_inline const struct task_struct *task_to_read(void)
{
	const struct task_struct *task = bpf_get_current_task_btf();

	if (bpf_core_enum_value_exists(enum special_kfunc_type, KF_bpf_rdonly_cast))
		return bpf_rdonly_cast(task, bpf_core_type_id_kernel(struct task_struct));
	return task;
}

/* What a thread of the target is in the middle of. */
struct task_state {
	__u64 syscall_start_ns; /* 0: in none of the watched calls */
	__u64 reclaim_start_ns; /* 0: not in reclaim */
	__u64 throttle_start_ns; /* 0: not asleep for having dirtied too much */
	__u64 throttle_jiffies; /* for how long it is to sleep */
	__u64 generation; /* of the filter that let it in */
	__u32 syscall;
	__u32 argument; /* of the call, if its module has to know one */
	__u32 added_folio; /* a folio was added since the call began */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_state);
} ktm_tasks SEC(".maps");

/* In place of ktm_tasks where there is no task storage. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct task_state);
} ktm_threads SEC(".maps");

/* The state of the current thread, NULL if it has none. */
static __always_inline struct task_state *task_state(void)
{
	__u32 thread;

	if (has_task_storage)
		return bpf_task_storage_get(&ktm_tasks, bpf_get_current_task_btf(), (void *)0, 0);
	thread = bpf_get_current_pid_tgid();
	return bpf_map_lookup_elem(&ktm_threads, &thread);
}

/* The state of the current thread, made if it has none; NULL if memory is short. */
static __always_inline struct task_state *task_state_or_new(void)
{
	struct task_state none = {};
	struct task_state *state;
	__u32 thread;

	if (has_task_storage)
		return bpf_task_storage_get(&ktm_tasks, bpf_get_current_task_btf(), (void *)0,
					    BPF_LOCAL_STORAGE_GET_F_CREATE);
	thread = bpf_get_current_pid_tgid();
	state = bpf_map_lookup_elem(&ktm_threads, &thread);
	if (state)
		return state;
	bpf_map_update_elem(&ktm_threads, &thread, &none, BPF_NOEXIST);
	return bpf_map_lookup_elem(&ktm_threads, &thread);
}

/* The comm of the current process, which is that of its main thread, as two words. */
static __always_inline void process_comm(__u64 comm[2])
{
	struct task_struct *task;

	if (has_task_storage) {
		const __u64 *words = (const __u64 *)task_to_read()->group_leader->comm;

		comm[0] = words[0];
		comm[1] = words[1];
		return;
	}
	task = (struct task_struct *)bpf_get_current_task();
	bpf_probe_read_kernel(&task, sizeof(task), &task->group_leader);
	bpf_probe_read_kernel(comm, TASK_COMM_LEN, &task->comm);
}

/* Whether the current task is in a cgroup at this depth, or below it. */
static __always_inline bool in_cgroup(__u64 id, __s32 level)
{
	struct cgroup___before_6_1 *cgroup;
	struct task_struct *task;
	struct css_set *set;
	__s32 depth = -1;
	__u64 found = 0;

	if (has_task_storage) {
		const struct cgroup *current = task_to_read()->cgroups->dfl_cgrp;

		if (current->level == level)
			return current->kn->id == id;
		if (current->level < level)
			return false;
	}
	if (has_ancestor_helper)
		return bpf_get_current_ancestor_cgroup_id(level) == id;
	task = (struct task_struct *)bpf_get_current_task();
	bpf_probe_read_kernel(&set, sizeof(set), &task->cgroups);
	bpf_probe_read_kernel(&cgroup, sizeof(cgroup), &set->dfl_cgrp);
	bpf_probe_read_kernel(&depth, sizeof(depth), &cgroup->level);
	if (depth < level)
		return false;
	bpf_probe_read_kernel(&found, sizeof(found), &cgroup->ancestor_ids[0] + level);
	return found == id;
}
