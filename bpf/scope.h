/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is watched, which user space may change at any time.
 *
 * The cgroup decides first, with everything below it; if it is unset or misses, the comm prefix of
 * the process may decide, narrowed to one PID namespace.
 */
#pragma once
#include "tasks.h"

/* When the comm prefix may decide. */
enum comm_fallback {
	COMM_FALLBACK_NEVER = 0,
	COMM_FALLBACK_WHEN_UNSET = 1,
	COMM_FALLBACK_ALWAYS = 2,
};

struct ktm_scope {
	__u64 cgroup_id; /* 0: unset */
	__u64 comm[2]; /* the prefix, zero-padded */
	__u64 comm_mask[2]; /* 0xff for each byte of the prefix; all zero: no prefix */
	__u64 pidns_dev;
	__u64 pidns_ino; /* 0: not narrowed */
	__u32 cgroup_level; /* depth of the cgroup below the root of its hierarchy */
	__u32 comm_fallback;
	__u32 agent_tgid; /* in the initial PID namespace; never in scope; 0: none */
};

/*
 * Programs read while user space writes, and a write is not atomic. So user space writes the scope that is not
 * in force first, and then the generation, which says that it is now.
 */
struct ktm_filter {
	__u64 generation; /* even: the first scope is in force; odd: the second */
	struct ktm_scope scopes[2];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ktm_filter);
} ktm_scope SEC(".maps");

enum scope_match {
	SCOPE_OUTSIDE = 0,
	SCOPE_BY_CGROUP = 1,
	SCOPE_BY_COMM = 2,
};

static __always_inline bool comm_has_prefix(const struct ktm_scope *scope)
{
	__u64 comm[2] = {};

	if (!(scope->comm_mask[0] & 0xff))
		return false;
	process_comm(comm);
	return !((comm[0] ^ scope->comm[0]) & scope->comm_mask[0]) &&
	       !((comm[1] ^ scope->comm[1]) & scope->comm_mask[1]);
}

static __always_inline bool in_pid_namespace(const struct ktm_scope *scope)
{
	struct bpf_pidns_info info = {};

	if (!scope->pidns_ino)
		return true;
	return !bpf_get_ns_current_pid_tgid(scope->pidns_dev, scope->pidns_ino, &info, sizeof(info));
}

/* Whether the current task is a thread of the agent. */
static __always_inline bool is_agent(const struct ktm_scope *scope)
{
	__u32 tgid = has_task_storage ? (__u32)bpf_get_current_task_btf()->tgid :
				       bpf_get_current_pid_tgid() >> 32;

	return tgid == scope->agent_tgid;
}

/* The filter; never NULL, but the verifier wants to be sure. */
static __always_inline const struct ktm_filter *current_filter(void)
{
	__u32 slot = 0;

	return bpf_map_lookup_elem(&ktm_scope, &slot);
}

/* Whether the current task belongs to the target of a generation, and by which rule. */
static __always_inline enum scope_match scope_match(const struct ktm_filter *filter, __u64 generation)
{
	const struct ktm_scope *scope = &filter->scopes[generation & 1];
	__u64 cgroup_id = scope->cgroup_id;

	if (cgroup_id && in_cgroup(cgroup_id, scope->cgroup_level))
		return is_agent(scope) ? SCOPE_OUTSIDE : SCOPE_BY_CGROUP;
	if (scope->comm_fallback == COMM_FALLBACK_NEVER ||
	    (scope->comm_fallback == COMM_FALLBACK_WHEN_UNSET && cgroup_id))
		return SCOPE_OUTSIDE;
	if (!comm_has_prefix(scope) || is_agent(scope) || !in_pid_namespace(scope))
		return SCOPE_OUTSIDE;
	return SCOPE_BY_COMM;
}
