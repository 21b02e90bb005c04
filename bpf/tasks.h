/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current task, and what it is in the middle of.
 *
 * Kernels from 5.12 have storage that belongs to the task and goes with it, and a typed pointer to the
 * current task. Older ones have a hash by thread id, which forgets the oldest, and an untyped pointer.
 */
#pragma once
#include "kernel_types.h"

/* Set by user space: whether tracing programs may call bpf_task_storage_get(). */
const volatile __u32 has_task_storage = 1;
/* Set by user space: whether tracing programs may call bpf_get_current_ancestor_cgroup_id(). */
const volatile __u32 has_ancestor_helper = 1;

/* What a thread of the target is in the middle of. */
struct task_state {
	__u64 syscall_start_ns; /* 0: in none of the watched calls */
	__u64 reclaim_start_ns; /* 0: not in reclaim */
	__u32 syscall;
	__u32 advice;
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
	__u32 thread = bpf_get_current_pid_tgid();

	if (has_task_storage)
		return bpf_task_storage_get(&ktm_tasks, bpf_get_current_task_btf(), (void *)0, 0);
	return bpf_map_lookup_elem(&ktm_threads, &thread);
}

/* The state of the current thread, made if it has none; NULL if memory is short. */
static __always_inline struct task_state *task_state_or_new(void)
{
	__u32 thread = bpf_get_current_pid_tgid();
	struct task_state none = {};
	struct task_state *state;

	if (has_task_storage)
		return bpf_task_storage_get(&ktm_tasks, bpf_get_current_task_btf(), (void *)0,
					    BPF_LOCAL_STORAGE_GET_F_CREATE);
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
		const __u64 *words = (const __u64 *)bpf_get_current_task_btf()->group_leader->comm;

		comm[0] = words[0];
		comm[1] = words[1];
		return;
	}
	task = (struct task_struct *)bpf_get_current_task();
	bpf_probe_read_kernel(&task, sizeof(task), &task->group_leader);
	bpf_probe_read_kernel(comm, TASK_COMM_LEN, &task->comm);
}

/* The id of the current task's cgroup, or of the one above it at this depth; 0 if it is less deep. */
static __always_inline __u64 ancestor_cgroup_id(__u32 level)
{
	struct task_struct *task;
	struct cgroup___before_6_1 *cgroup;
	struct css_set *set;
	__s32 depth = -1;
	__u64 id = 0;

	if (has_ancestor_helper)
		return bpf_get_current_ancestor_cgroup_id(level);
	task = (struct task_struct *)bpf_get_current_task();
	bpf_probe_read_kernel(&set, sizeof(set), &task->cgroups);
	bpf_probe_read_kernel(&cgroup, sizeof(cgroup), &set->dfl_cgrp);
	bpf_probe_read_kernel(&depth, sizeof(depth), &cgroup->level);
	if (depth < (__s32)level)
		return 0;
	bpf_probe_read_kernel(&id, sizeof(id), &cgroup->ancestor_ids[0] + level);
	return id;
}
