// SPDX-License-Identifier: Apache-2.0
/* A map as objects defined it before BTF did. */
#include "test_helpers.h"

struct bpf_map_def {
	unsigned int type;
	unsigned int key_size;
	unsigned int value_size;
	unsigned int max_entries;
	unsigned int map_flags;
};

struct bpf_map_def legacy SEC("maps") = {
	.type = BPF_MAP_TYPE_HASH,
	.key_size = 4,
	.value_size = 8,
	.max_entries = 16,
};

SEC("raw_tp/sys_enter")
int uses_it(void *ctx)
{
	__u32 key = 1;

	return bpf_map_lookup_elem(&legacy, &key) != 0;
}

LICENSED;
