// SPDX-License-Identifier: Apache-2.0
/* Sub-programs: static and global, nested, shared, as callbacks. Programs return what they add up to. */
#include "test_helpers.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

int calls_made = 0;
volatile int one = 1;

struct task_struct {
	int pid;
	int tgid;
} __co_re;

static __noinline int add_one(int value)
{
	return value + one;
}

static __noinline int add_two(int value)
{
	return add_one(add_one(value));
}

__noinline int global_triple(int value)
{
	return value * 3 * one;
}

__noinline int global_nested(int value)
{
	return global_triple(add_two(value)) + 1;
}

static __noinline int with_map(__u32 slot, __u64 value)
{
	bpf_map_update_elem(&numbers, &slot, &value, 0);
	calls_made += one;
	return calls_made;
}

/* Relocations inside of a sub-program. */
static __noinline int with_core(void *pointer)
{
	int pid = 0;

	bpf_probe_read_kernel(&pid, sizeof(pid), __builtin_preserve_access_index(&((struct task_struct *)pointer)->pid));
	return core_type_exists(struct task_struct) + core_exists(core_field(struct task_struct, tgid)) + pid * 0;
}

__weak int weak_function(int value)
{
	return value + 100 * one;
}

/* Global for the compiler; were it so for the verifier, the pointer might be null. */
__hidden __noinline int hidden_read(int *value)
{
	return *value + one;
}

static long count_element(void *map, __u32 *key, __u64 *value, int *sum)
{
	*sum += 1 + *value * 0;
	return 0;
}

static long add_index(__u32 index, int *sum)
{
	*sum += index;
	return 0;
}

static long add_twice(__u32 index, int *sum)
{
	*sum += add_two(index);
	return 0;
}

SEC("tc")
int no_call(void *ctx)
{
	return 5;
}

SEC("tc")
int call_hidden(void *ctx)
{
	int value = 50 * one;

	return hidden_read(&value);
}

SEC("tc")
int call_static(void *ctx)
{
	return add_one(41);
}

SEC("tc")
int call_nested(void *ctx)
{
	return add_two(10) + add_one(1);
}

SEC("tc")
int call_global(void *ctx)
{
	return global_triple(7);
}

SEC("tc")
int call_nested_global(void *ctx)
{
	return global_nested(5) + global_triple(1);
}

SEC("tc")
int call_weak(void *ctx)
{
	return weak_function(23);
}

SEC("tc")
int call_with_map(void *ctx)
{
	return with_map(0, 5) > 0 && with_map(1, 6) > 1 ? 31 : -1;
}

SEC("raw_tp/sys_enter")
int call_with_core(__u64 *ctx)
{
	return with_core((void *)ctx[0]);
}

SEC("tc")
int loop_with_callback(void *ctx)
{
	int sum = 0;

	bpf_loop(10, add_index, &sum, 0);
	return sum;
}

SEC("tc")
int loop_with_calling_callback(void *ctx)
{
	int sum = 0;

	bpf_loop(4, add_twice, &sum, 0);
	return sum + add_one(100);
}

SEC("tc")
int for_each_element(void *ctx)
{
	int sum = 0;

	bpf_for_each_map_elem(&numbers, count_element, &sum, 0);
	return sum;
}

SEC("tc")
int two_callbacks(void *ctx)
{
	int sum = 0;

	bpf_loop(3, add_index, &sum, 0);
	bpf_for_each_map_elem(&numbers, count_element, &sum, 0);
	bpf_loop(2, add_index, &sum, 0);
	return sum;
}

SEC("xdp")
int call_from_other_type(void *ctx)
{
	return add_two(0) + global_triple(0);
}

LICENSED;
