// SPDX-License-Identifier: Apache-2.0
/* A function of a module, and a structure that only the module has. */
#include "bpf_helpers.h"

struct virtio_blk {
	int index;
	int nobody;
} __co_re;

__u64 calls;
int has_field = -1;

SEC("?fentry/virtio_queue_rq")
int queue_request(__u64 *ctx)
{
	struct virtio_blk *disk = 0;

	__sync_fetch_and_add(&calls, 1);
	has_field = bpf_core_field_exists(disk->index) && !bpf_core_field_exists(disk->nobody);
	return 0;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
