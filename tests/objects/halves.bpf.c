// SPDX-License-Identifier: Apache-2.0
/* What can be created or loaded only in part: a slot asks for what the kernel refuses. */
#include "test_helpers.h"

int refused(void *ctx);

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__array(values, int(void *));
} jumps SEC(".maps") = { .values = { [0] = (void *)&refused } };

SEC("?socket")
int jumping(void *ctx)
{
	bpf_tail_call(ctx, &jumps, 0);
	return 7;
}

/* Reads through a number that is no pointer. */
SEC("?socket")
int refused(void *ctx)
{
	return *(int *)0x1234;
}

struct an_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} other_inner SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct an_array);
} outer SEC(".maps") = { .values = { [1] = &inner, [2] = (void *)&other_inner } };

SEC("?socket")
int looking(void *ctx)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&outer, &key) != NULL;
}

SEC("raw_tp/sys_enter")
int attaching(void *ctx)
{
	return 0;
}

/* Attaches to nothing unless it is told to what. */
SEC("raw_tp")
int unnamed(void *ctx)
{
	return 0;
}

char _license[] SEC("license") = "GPL";
