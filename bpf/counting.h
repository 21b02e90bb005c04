/* SPDX-License-Identifier: Apache-2.0 */
/* A module's own counters: it defines `struct counters` before it includes this. */
#pragma once
#include "watched.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} ktm_counters SEC(".maps");

static __always_inline struct counters *this_cpu_counters(void)
{
	__u32 slot = 0;

	return bpf_map_lookup_elem(&ktm_counters, &slot);
}

/* The counters if the current task belongs to the target, NULL otherwise. */
static __always_inline struct counters *counters_in_scope(void)
{
	__u64 generation;

	return is_in_scope(&generation) ? this_cpu_counters() : (void *)0;
}
