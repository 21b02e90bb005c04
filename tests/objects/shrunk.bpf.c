// SPDX-License-Identifier: Apache-2.0
/*
 * Static variables of which clang -O2 keeps less than their types say: one byte of a flag, one member of a structure,
 * one element of an array. Kernels refuse the BTF that it makes of them as it is; the lock needs BTF.
 */
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

static int started;

static struct {
	__u64 seen;
	__u64 dropped;
} stats;

static __u64 sums[2];

int whole = 5;

SEC("tc")
int use_shrunk(void *ctx)
{
	__u32 slot = 0;
	struct locked_value *value = bpf_map_lookup_elem(&locked, &slot);
	__u32 number;

	if (!value)
		return 0;
	bpf_spin_lock(&value->lock);
	number = value->number += 3;
	bpf_spin_unlock(&value->lock);
	stats.dropped += 20;
	sums[1] += 100;
	if (started)
		return 1;
	started = 1;
	return whole + number + stats.dropped + sums[1];
}

LICENSED;
