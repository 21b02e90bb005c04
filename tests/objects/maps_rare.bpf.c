// SPDX-License-Identifier: Apache-2.0
/* Maps for other kinds of programs, and attributes at their limits. Nothing refers to them. */
#include "test_helpers.h"

struct storage_key {
	__u64 cgroup;
	__u32 attach_type;
};

struct devices {
	int index;
	int program;
};

typedef struct {
	const volatile __u32 words[6];
} words_t;

#define SIZED(name, kind, entries, key_bytes, value_bytes)                                                        \
	struct {                                                                                                  \
		__uint(type, kind);                                                                               \
		__uint(max_entries, entries);                                                                     \
		__uint(key_size, key_bytes);                                                                      \
		__uint(value_size, value_bytes);                                                                  \
	} name SEC(".maps")

#define TYPED(name, kind, entries, key_type, value_type)                                                          \
	struct {                                                                                                  \
		__uint(type, kind);                                                                               \
		__uint(max_entries, entries);                                                                     \
		__type(key, key_type);                                                                            \
		__type(value, value_type);                                                                        \
	} name SEC(".maps")

SIZED(device_map, BPF_MAP_TYPE_DEVMAP, 4, 4, 4);
TYPED(device_hash, BPF_MAP_TYPE_DEVMAP_HASH, 8, int, struct devices);
SIZED(cpu_map, BPF_MAP_TYPE_CPUMAP, 12, 4, 8);
TYPED(xsk_map, BPF_MAP_TYPE_XSKMAP, 3, int, int);
SIZED(socket_map, BPF_MAP_TYPE_SOCKMAP, 5, 4, 4);
TYPED(socket_hash, BPF_MAP_TYPE_SOCKHASH, 6, __u64, __u64);
SIZED(socket_array, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 7, 4, 8);

struct {
	__uint(type, BPF_MAP_TYPE_CGROUP_STORAGE);
	__type(key, struct storage_key);
	__type(value, __u64);
} cgroup_storage SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE);
	__type(key, struct storage_key);
	__type(value, __u32);
} percpu_cgroup_storage SEC(".maps");

#define RING(name, kind, size)                                                                                    \
	struct {                                                                                                  \
		__uint(type, kind);                                                                               \
		__uint(max_entries, size);                                                                        \
	} name SEC(".maps")

/* Sizes that are no power of two times a page's. */
RING(tiny_ring, BPF_MAP_TYPE_RINGBUF, 1);
RING(odd_ring, BPF_MAP_TYPE_RINGBUF, 5000);
RING(three_pages, BPF_MAP_TYPE_RINGBUF, 3 * 4096);
RING(large_ring, BPF_MAP_TYPE_RINGBUF, 100000);
RING(user_ring, BPF_MAP_TYPE_USER_RINGBUF, 4097);
RING(no_ring, BPF_MAP_TYPE_RINGBUF, 0);

/* Types behind qualifiers and names; sizes beside types. */
TYPED(by_names, BPF_MAP_TYPE_HASH, 2, words_t, const words_t);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2);
	__type(key, __u32);
	__uint(key_size, 4);
	__uint(value_size, 8);
	__type(value, __u64);
} both SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(map_flags, BPF_F_NUMA_NODE | BPF_F_NO_COMMON_LRU);
	__uint(numa_node, 3);
	__uint(max_entries, 0x7fffffff);
	__type(key, __u32);
	__type(value, char[100]);
} large SEC(".maps");

/* Pointers and truth values. */
TYPED(pointers, BPF_MAP_TYPE_HASH, 1, void *, bool);

SEC("raw_tp/sys_enter")
int refers_to_none(void *ctx)
{
	return 0;
}

LICENSED;
