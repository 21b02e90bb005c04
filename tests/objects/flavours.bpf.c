// SPDX-License-Identifier: Apache-2.0
/* Several views of one structure: what follows the last `___` of a name is no part of it. */
#include "test_helpers.h"

struct task_struct {
	int pid;
} __co_re;

/* The field's name before 5.14. */
struct task_struct___before_5_14 {
	volatile long state;
} __co_re;

struct task_struct___since_5_14 {
	volatile unsigned int __state;
} __co_re;

struct task_struct___two___flavours {
	int tgid;
} __co_re;

struct kernfs_node___with_id {
	__u64 id;
} __co_re;

union kernfs_node_id___until_5_4 {
	__u64 id;
} __co_re;

struct kernfs_node___with_union {
	union kernfs_node_id___until_5_4 id;
} __co_re;

struct cgroup___one {
	int level;
	struct kernfs_node___with_id *kn;
} __co_re;

enum zone_stat_item___local {
	NR_FREE_PAGES___local = 99,
};

struct no_such_type___at_all {
	int field;
} __co_re;

SEC("raw_tp/sys_enter")
int read_state(__u64 *ctx)
{
	struct task_struct___since_5_14 *since = (void *)ctx[0];
	struct task_struct___before_5_14 *before = (void *)ctx[0];

	if (core_exists(since->__state))
		return since->__state;
	return before->state;
}

SEC("raw_tp/sys_enter")
int read_last_flavour(__u64 *ctx)
{
	return ((struct task_struct___two___flavours *)ctx[0])->tgid;
}

SEC("raw_tp/sys_enter")
int read_pid(__u64 *ctx)
{
	return ((struct task_struct *)ctx[0])->pid;
}

SEC("raw_tp/sys_enter")
int read_nested_flavour(__u64 *ctx)
{
	struct cgroup___one *cgroup = (void *)ctx[0];

	return cgroup->level + cgroup->kn->id;
}

SEC("raw_tp/sys_enter")
int ask_for_flavours(__u64 *ctx)
{
	return core_type_exists(struct task_struct___since_5_14) +
	       core_type_size(struct task_struct___before_5_14) * 2 +
	       core_type_exists(struct no_such_type___at_all) * 3 +
	       core_type_exists(struct task_struct___two___flavours) * 5 +
	       core_type_exists(union kernfs_node_id___until_5_4) * 7 +
	       core_exists(core_field(struct kernfs_node___with_union, id)) * 11 +
	       core_exists(core_field(struct kernfs_node___with_id, id)) * 13 +
	       core_enum_exists(enum zone_stat_item___local, NR_FREE_PAGES___local) * 17;
}

SEC("raw_tp/sys_enter")
int id_of_flavours(__u64 *ctx)
{
	return core_id_target(struct task_struct___since_5_14) - core_id_target(struct task_struct);
}

SEC("raw_tp/sys_enter")
int read_missing_type(__u64 *ctx)
{
	return ((struct no_such_type___at_all *)ctx[0])->field;
}

LICENSED;
