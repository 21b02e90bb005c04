/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup hierarchy as the kernel keeps it, to be walked down from a cgroup to its threads.
 *
 * Nothing is locked meanwhile. Every read is checked by the kernel, the number of steps is bounded, and a thread
 * counts only if it says itself where it belongs: a walk that is led astray finds nothing, and the next one does.
 */
#pragma once
#include "pid_number.h"

/* include/linux/types.h */
struct list_head {
	struct list_head *next;
} __co_re;

/* include/linux/cgroup-defs.h: what a cgroup is in the hierarchy */
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct list_head sibling;
	struct list_head children;
	struct cgroup_subsys_state *parent;
} __co_re;

struct cgroup___tree {
	struct cgroup_subsys_state self;
	struct list_head cset_links;
} __co_re;

/* A set of threads that are in the same cgroups; links lead from a cgroup to its sets. */
struct css_set___tree {
	struct list_head tasks;
} __co_re;

struct task_struct___tree {
	struct list_head cg_list;
} __co_re;

/* kernel/cgroup/cgroup-internal.h */
struct cgrp_cset_link {
	struct css_set *cset;
	struct list_head cset_link;
} __co_re;

struct kernfs_node___name {
	const char *name;
} __co_re;

/* The structure that a member of this address is in. */
#define container_of(address, type, member) \
	((type *)((char *)(address) - bpf_core_field_offset(((type *)0)->member)))

static __always_inline struct cgroup *cgroup_of(struct task_struct *task)
{
	struct cgroup *cgroup = (void *)0;
	struct css_set *set = (void *)0;

	read_kernel(set, &task->cgroups);
	read_kernel(cgroup, &set->dfl_cgrp);
	return cgroup;
}

/* The cgroup of a task's process: that of the thread, or of its threaded domain where threads have their own. */
static __always_inline struct cgroup *domain_of(struct task_struct *task)
{
	struct cgroup *cgroup = (void *)0;
	struct css_set *set = (void *)0;

	read_kernel(set, &task->cgroups);
	read_kernel(set, &set->dom_cset);
	read_kernel(cgroup, &set->dfl_cgrp);
	return cgroup;
}

static __always_inline struct cgroup_subsys_state *state_of(struct cgroup *cgroup)
{
	return &((struct cgroup___tree *)cgroup)->self;
}

/* NULL above the root. */
static __always_inline struct cgroup_subsys_state *parent_of(struct cgroup_subsys_state *state)
{
	struct cgroup_subsys_state *parent = (void *)0;

	read_kernel(parent, &state->parent);
	return parent;
}

static __always_inline struct list_head *next_of(struct list_head *entry)
{
	struct list_head *next = (void *)0;

	read_kernel(next, &entry->next);
	return next;
}

/* How deep below the cgroup where it begins a walk goes. */
#define WALK_DEPTH 2

/* Where the walk is. */
static struct {
	struct cgroup_subsys_state *state;
	__u32 depth;
	struct list_head *link; /* of the cgroup */
	struct css_set *set; /* NULL: the next one is to be found */
	struct list_head *entry; /* of the set */
	struct task_struct *task; /* the thread */
} walk;

static __always_inline void walk_to(struct cgroup_subsys_state *state)
{
	struct cgroup *cgroup = (void *)0;

	read_kernel(cgroup, &state->cgroup);
	walk.state = state;
	walk.link = &((struct cgroup___tree *)cgroup)->cset_links;
	walk.set = (void *)0;
}

static __always_inline void walk_from(struct cgroup_subsys_state *state)
{
	walk.depth = 0;
	walk_to(state);
}

/* Goes to the next thread of the set, which is in it by its own account; false if there was none. */
static __always_inline bool walk_to_next_thread(void)
{
	struct css_set *set = walk.set, *own = (void *)0;
	struct list_head *entry = next_of(walk.entry);

	if (entry == &((struct css_set___tree *)set)->tasks) {
		walk.set = (void *)0;
		return false;
	}
	walk.entry = entry;
	walk.task = (struct task_struct *)container_of(entry, struct task_struct___tree, cg_list);
	read_kernel(own, &walk.task->cgroups);
	return own == set;
}

/* Goes to the next set of the cgroup; false if that was the last one. */
static __always_inline bool walk_to_next_set(void)
{
	struct list_head *link = next_of(walk.link);
	struct cgroup *cgroup = (void *)0;

	read_kernel(cgroup, &walk.state->cgroup);
	if (link == &((struct cgroup___tree *)cgroup)->cset_links)
		return false;
	walk.link = link;
	read_kernel(walk.set, &container_of(link, struct cgrp_cset_link, cset_link)->cset);
	walk.entry = &((struct css_set___tree *)walk.set)->tasks;
	return true;
}

/* Goes to the next cgroup, parents before their children; false if that was the last one. */
static __always_inline bool walk_to_next_cgroup(void)
{
	struct cgroup_subsys_state *state = walk.state, *parent;
	struct list_head *next = next_of(&state->children);

	if (walk.depth < WALK_DEPTH && next != &state->children) {
		walk.depth++;
		walk_to(container_of(next, struct cgroup_subsys_state, sibling));
		return true;
	}
	for (int level = 0; level < WALK_DEPTH && walk.depth > 0; level++) {
		parent = parent_of(state);
		next = next_of(&state->sibling);
		if (next != &parent->children) {
			walk_to(container_of(next, struct cgroup_subsys_state, sibling));
			return true;
		}
		walk.depth--;
		state = parent;
	}
	return false;
}
