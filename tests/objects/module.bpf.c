// SPDX-License-Identifier: Apache-2.0
/* A function of a module, and a structure that only the module has. */
#include "bpf_helpers.h"

struct ext4_inode_info {
	__u32 i_flags_of_nobody;
	__u64 i_disksize;
} __co_re;

__u32 watched;
__u64 calls;
int has_field = -1;

SEC("?fentry/ext4_file_read_iter")
int read_iter(__u64 *ctx)
{
	struct ext4_inode_info *info = 0;

	if ((__u32)(bpf_get_current_pid_tgid() >> 32) != watched)
		return 0;
	__sync_fetch_and_add(&calls, 1);
	has_field = bpf_core_field_exists(info->i_disksize) && !bpf_core_field_exists(info->i_flags_of_nobody);
	return 0;
}

const char LICENSE[] SEC("license") = "Dual MIT/GPL";
