// SPDX-License-Identifier: Apache-2.0
/* BTF that every kernel refuses, for a variable's name: what can do without BTF is loaded all the same. */
#include "test_helpers.h"

struct bpf_spin_lock {
	__u32 val;
};

static long (*const bpf_spin_lock)(struct bpf_spin_lock *lock) = (void *)93;
static long (*const bpf_spin_unlock)(struct bpf_spin_lock *lock) = (void *)94;

struct locked_value {
	struct bpf_spin_lock lock;
	__u32 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct locked_value);
} locked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} plain SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} of_tasks SEC(".maps");

int odd asm("odd-name") = 40;

__noinline int global_double(int number)
{
	return number * 2;
}

SEC("tc")
int without_btf(void *ctx)
{
	__u32 slot = 0;
	__u64 *value = bpf_map_lookup_elem(&plain, &slot);

	return value ? odd + 2 + global_double(slot + 4) : 0;
}

SEC("tc")
int with_lock(void *ctx)
{
	__u32 slot = 0;
	struct locked_value *value = bpf_map_lookup_elem(&locked, &slot);

	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	value->number++;
	bpf_spin_unlock(&value->lock);
	return 1;
}

static long add_index(__u32 index, int *sum)
{
	*sum += index;
	return 0;
}

SEC("tc")
int with_callback(void *ctx)
{
	int sum = 0;

	bpf_loop(10, add_index, &sum, 0);
	return sum;
}

LICENSED;
