// SPDX-License-Identifier: Apache-2.0
/* Maps of every kind, with every attribute. */
#include "test_helpers.h"

struct key {
	__u32 a;
	__u16 b;
	__u16 c;
};

struct value {
	__u64 count;
	char name[24];
};

#define MAP(name, kind, entries, key_type, value_type)                                                            \
	struct {                                                                                                  \
		__uint(type, kind);                                                                               \
		__uint(max_entries, entries);                                                                     \
		__type(key, key_type);                                                                            \
		__type(value, value_type);                                                                        \
	} name SEC(".maps")

MAP(a_hash, BPF_MAP_TYPE_HASH, 100, struct key, struct value);
MAP(an_array, BPF_MAP_TYPE_ARRAY, 7, __u32, struct value);
MAP(a_percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 10, struct key, __u64);
MAP(a_percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 3, __u32, struct value);
MAP(an_lru_hash, BPF_MAP_TYPE_LRU_HASH, 1000, __u64, __u64);
MAP(an_lru_percpu_hash, BPF_MAP_TYPE_LRU_PERCPU_HASH, 64, __u32, __u32);

/* Sizes in place of types. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 5);
	__uint(key_size, 12);
	__uint(value_size, 20);
} by_sizes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 255);
	__type(key, struct key);
	__type(value, __u32);
} a_trie SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NUMA_NODE | BPF_F_NO_PREALLOC);
	__uint(numa_node, 0);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u32);
} on_a_node SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 512);
	__type(key, __u32);
	__type(value, __u64);
} mapped SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(map_extra, 3);
	__uint(max_entries, 40);
	__type(value, __u64);
} a_filter SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, 9);
	__type(value, __u32);
} a_queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, 11);
	__uint(value_size, 8);
} a_stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 128);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stack_traces SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8192);
} a_ring SEC(".maps");

/* As many entries as there are processors. */
struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 2);
	__type(key, int);
	__type(value, int);
} two_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} cgroups SEC(".maps");

#define STORAGE(name, kind)                                                                                       \
	struct {                                                                                                  \
		__uint(type, kind);                                                                               \
		__uint(map_flags, BPF_F_NO_PREALLOC);                                                             \
		__type(key, int);                                                                                 \
		__type(value, struct value);                                                                      \
	} name SEC(".maps")

STORAGE(of_tasks, BPF_MAP_TYPE_TASK_STORAGE);
STORAGE(of_inodes, BPF_MAP_TYPE_INODE_STORAGE);
STORAGE(of_sockets, BPF_MAP_TYPE_SK_STORAGE);
STORAGE(of_cgroups, BPF_MAP_TYPE_CGRP_STORAGE);

/* The name is longer than what the kernel keeps of it. */
MAP(a_name_that_is_longer_than_fifteen, BPF_MAP_TYPE_HASH, 1, __u32, __u32);

SEC("raw_tp/sys_enter")
int use_tables(__u64 *ctx)
{
	struct key key = { 1, 2, 3 };
	__u32 slot = 2;
	__u64 wide = 3;
	struct value *value = bpf_map_lookup_elem(&a_hash, &key);
	struct value *element = bpf_map_lookup_elem(&an_array, &slot);
	__u64 *mine = bpf_map_lookup_elem(&a_percpu_hash, &key);
	struct value *own = bpf_map_lookup_elem(&a_percpu_array, &slot);

	bpf_map_update_elem(&an_lru_hash, &wide, &wide, BPF_NOEXIST);
	bpf_map_delete_elem(&an_lru_percpu_hash, &slot);
	return (value ? value->count : 0) + (element ? element->count : 0) + (mine ? *mine : 0) +
	       (own ? own->name[3] : 0);
}

SEC("raw_tp/sys_enter")
int use_rare_tables(__u64 *ctx)
{
	char key[12] = {};
	char value[20] = {};
	struct key prefix = { 8, 1, 1 };
	__u32 slot = 0;

	bpf_map_update_elem(&by_sizes, key, value, 0);
	bpf_map_delete_elem(&on_a_node, &slot);
	return bpf_map_lookup_elem(&a_trie, &prefix) != 0 && bpf_map_lookup_elem(&mapped, &slot) != 0;
}

SEC("raw_tp/sys_enter")
int use_containers(__u64 *ctx)
{
	__u64 value = 5;
	__u32 small = 6;

	bpf_map_push_elem(&a_filter, &value, 0);
	bpf_map_push_elem(&a_queue, &small, 0);
	bpf_map_pop_elem(&a_queue, &small);
	bpf_map_push_elem(&a_stack, &value, 0);
	return bpf_map_peek_elem(&a_filter, &value) + bpf_map_peek_elem(&a_stack, &value);
}

SEC("raw_tp/sys_enter")
int use_outlets(__u64 *ctx)
{
	__u64 *record = bpf_ringbuf_reserve(&a_ring, sizeof(*record), 0);
	__u32 small = 1;

	if (record) {
		*record = bpf_get_stackid(ctx, &stack_traces, 0);
		bpf_ringbuf_submit(record, 0);
	}
	return bpf_perf_event_output(ctx, &events, 0xffffffff, &small, sizeof(small)) +
	       bpf_perf_event_output(ctx, &two_events, 0, &small, sizeof(small));
}

SEC("tp_btf/sys_enter")
int use_storage(__u64 *ctx)
{
	struct value *value;

	value = bpf_task_storage_get(&of_tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE);
	return value ? value->count : 0;
}

SEC("raw_tp/sys_enter")
int use_long_name(__u64 *ctx)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&a_name_that_is_longer_than_fifteen, &key) != 0;
}

LICENSED;
