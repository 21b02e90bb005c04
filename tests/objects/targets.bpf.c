// SPDX-License-Identifier: Apache-2.0
/* A program for each name of a section that names something of the kernel's BTF, which may not have it. */
#include "test_helpers.h"

#define PROGRAM(name, section)                                                                                    \
	SEC(section)                                                                                              \
	int name(void *ctx)                                                                                       \
	{                                                                                                         \
		return 0;                                                                                         \
	}

PROGRAM(in_tp_btf_sched_switch, "tp_btf/sched_switch")
PROGRAM(in_tp_btf_sys_enter, "tp_btf/sys_enter")
PROGRAM(in_fentry_vfs_read, "fentry/vfs_read")
PROGRAM(in_fexit_vfs_read, "fexit/vfs_read")
PROGRAM(in_fentry_s_bpf_fentry_test1, "fentry.s/bpf_fentry_test1")
PROGRAM(in_fexit_s_bpf_fentry_test1, "fexit.s/bpf_fentry_test1")
PROGRAM(in_fmod_ret_bpf_modify_return_test, "fmod_ret/bpf_modify_return_test")
PROGRAM(in_fmod_ret_s_bpf_modify_return_test, "fmod_ret.s/bpf_modify_return_test")
PROGRAM(in_lsm_file_open, "lsm/file_open")
PROGRAM(in_lsm_s_file_open, "lsm.s/file_open")
PROGRAM(in_lsm_cgroup_socket_bind, "lsm_cgroup/socket_bind")
PROGRAM(in_iter_task, "iter/task")
PROGRAM(in_iter_s_task, "iter.s/task")
PROGRAM(in_iter_bpf_map, "iter/bpf_map")
PROGRAM(off_fentry_vfs_write, "?fentry/vfs_write")
PROGRAM(in_fentry_no_such_function, "fentry/no_such_function")
PROGRAM(in_tp_btf_no_such_tracepoint, "tp_btf/no_such_tracepoint")
PROGRAM(in_lsm_no_such_hook, "lsm/no_such_hook")
PROGRAM(in_iter_no_such_iterator, "iter/no_such_iterator")

LICENSED;
