// SPDX-License-Identifier: Apache-2.0
/* Maps that begin with values: maps in maps, programs in arrays. */
#include "test_helpers.h"

struct inner {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
};

struct inner inner_one SEC(".maps");
struct inner inner_two SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner);
} array_of_maps SEC(".maps") = {
	.values = { [0] = &inner_one, [3] = &inner_two, [7] = &inner_one },
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 16);
	__type(key, __u32);
	__array(values, struct inner);
} hash_of_maps SEC(".maps") = {
	.values = { [1] = &inner_two, [2] = &inner_one },
};

/* An inner map that only the definition of its outer map describes; sizes in place of types. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__uint(key_size, 4);
	__uint(value_size, 4);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_HASH);
		__uint(max_entries, 33);
		__uint(map_flags, BPF_F_NO_PREALLOC);
		__type(key, __u64);
		__type(value, __u32);
	});
} only_described SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 5);
	__type(key, __u64);
	__array(values, struct {
		__uint(type, BPF_MAP_TYPE_ARRAY);
		__uint(max_entries, 1);
		__uint(map_flags, BPF_F_INNER_MAP);
		__uint(key_size, 4);
		__uint(value_size, 48);
	});
} hash_described SEC(".maps");

int called_one(void *ctx);
int called_two(void *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 6);
	__uint(key_size, 4);
	__array(values, int(void *));
} programs SEC(".maps") = {
	.values = { [1] = (void *)&called_one, [2] = (void *)&called_two, [5] = (void *)&called_one },
};

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 3);
	__uint(key_size, 4);
	__uint(value_size, 4);
} empty_programs SEC(".maps");

SEC("tc")
int called_one(void *ctx)
{
	return 1001;
}

SEC("tc")
int called_two(void *ctx)
{
	return 2002;
}

SEC("tc")
int tail_call_one(void *ctx)
{
	bpf_tail_call(ctx, &programs, 1);
	return -1;
}

SEC("tc")
int tail_call_two(void *ctx)
{
	bpf_tail_call(ctx, &programs, 2);
	return -1;
}

/* There is no program 0. */
SEC("tc")
int tail_call_none(void *ctx)
{
	bpf_tail_call(ctx, &programs, 0);
	bpf_tail_call(ctx, &empty_programs, 0);
	return 77;
}

/* inner_one is in both slots of the array, and in slot 2 of the hash. */
SEC("tc")
int write_through_maps(void *ctx)
{
	__u32 slots[] = { 0, 7, 2, 1 };
	__u64 seven = 7, *value;
	__u32 element = 2;
	void *map;

	map = bpf_map_lookup_elem(&array_of_maps, &slots[0]);
	if (!map)
		return -1;
	bpf_map_update_elem(map, &element, &seven, 0);
	map = bpf_map_lookup_elem(&array_of_maps, &slots[1]);
	if (!map)
		return -2;
	value = bpf_map_lookup_elem(map, &element);
	if (!value || *value != 7)
		return -3;
	map = bpf_map_lookup_elem(&hash_of_maps, &slots[2]);
	if (!map)
		return -4;
	value = bpf_map_lookup_elem(map, &element);
	if (!value || *value != 7)
		return -5;
	map = bpf_map_lookup_elem(&hash_of_maps, &slots[3]);
	if (!map)
		return -6;
	value = bpf_map_lookup_elem(map, &element);
	return value && *value == 0 ? 4242 : -7;
}

SEC("tc")
int empty_slots(void *ctx)
{
	__u32 slot = 1;
	__u64 wide = 1;

	return (bpf_map_lookup_elem(&array_of_maps, &slot) == 0) +
	       (bpf_map_lookup_elem(&only_described, &slot) == 0) * 2 +
	       (bpf_map_lookup_elem(&hash_described, &wide) == 0) * 4;
}

LICENSED;
