/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel types that the programs read, with only the fields that they read. Offsets come from
 * the running kernel's BTF through CO-RE; what stands after ___ is a flavour: another shape that the
 * same type has on other kernels.
 */
#pragma once
#include "bpf_helpers.h"

#define TASK_COMM_LEN 16

/* include/linux/kernfs.h */
struct kernfs_node {
	__u64 id;
} __co_re;

/* include/linux/cgroup-defs.h */
struct cgroup {
	struct kernfs_node *kn;
	__s32 level;
	struct cgroup *ancestors[];
} __co_re;

/* Later kernels keep pointers to the ancestors, and have a helper. */
struct cgroup___before_6_1 {
	__s32 level;
	__u64 ancestor_ids[];
} __co_re;

struct css_set {
	struct cgroup *dfl_cgrp;
	struct css_set *dom_cset; /* of the threaded domain; itself if it is not threaded */
} __co_re;

/* include/linux/pid.h */
struct pid_namespace;

struct upid {
	int nr;
	struct pid_namespace *ns;
} __co_re;

struct pid {
	unsigned int level;
	struct upid numbers[];
} __co_re;

/* include/linux/types.h */
typedef struct {
	int counter;
} __co_re atomic_t;

/* include/linux/sched/signal.h: what the threads of a process share */
#define SIGNAL_GROUP_EXIT 0x00000004

struct signal_struct {
	atomic_t live; /* threads that have not begun to end */
	int group_exit_code; /* if SIGNAL_GROUP_EXIT is set */
	unsigned int flags;
} __co_re;

/* include/linux/fs.h */
struct inode {
	unsigned short i_mode;
} __co_re;

struct file {
	struct inode *f_inode;
} __co_re;

/* include/linux/fdtable.h */
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} __co_re;

struct files_struct {
	struct fdtable *fdt;
} __co_re;

/* include/linux/sched.h */
struct task_struct {
	unsigned int flags;
	int exit_state;
	int exit_code;
	int pid;
	int tgid;
	__u64 start_boottime;
	struct task_struct *group_leader;
	struct pid *thread_pid;
	char comm[TASK_COMM_LEN];
	struct files_struct *files;
	struct signal_struct *signal;
	struct css_set *cgroups;
} __co_re;

/* arch/x86/include/asm/thread_info.h */
#define TS_COMPAT 0x0002

struct thread_info___x86 {
	__u32 status;
} __co_re;

struct task_struct___x86 {
	struct thread_info___x86 thread_info;
} __co_re;

/* include/linux/bpf.h and kernel/bpf/task_iter.c */
struct bpf_iter_meta {
	struct seq_file *seq;
} __co_re;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} __co_re;

/* kernel/bpf/verifier.c: functions that it treats in a special way */
enum special_kfunc_type {
	KF_bpf_rdonly_cast = 1,
};

/* arch/x86/include/asm/ptrace.h */
struct pt_regs___x86 {
	unsigned long r10;
	unsigned long ax;
	unsigned long di;
	unsigned long orig_ax;
} __co_re;

/* arch/arm64/include/asm/ptrace.h */
#define PSR_MODE32_BIT 0x00000010

struct pt_regs___arm64 {
	__u64 regs[31];
	__u64 pstate;
	__s32 syscallno;
} __co_re;

/* include/linux/pagevec.h: what a look-up found; a pagevec before 5.17 */
struct folio_batch {
	unsigned char nr;
} __co_re;

struct pagevec {
	unsigned char nr;
} __co_re;

/* include/linux/page-flags.h */
enum pageflags {
	PG_head = 6,
};

/* include/linux/mm_types.h; from 6.18 the flags are a structure */
typedef struct {
	unsigned long f;
} __co_re memdesc_flags_t;

struct folio {
	memdesc_flags_t flags;
	unsigned int _nr_pages;
} __co_re;

struct folio___before_6_18 {
	unsigned long flags;
} __co_re;

/* from 5.18 to 6.14 */
struct folio___before_6_15 {
	unsigned int _folio_nr_pages;
} __co_re;

/* include/linux/trace_events.h and include/trace/syscall.h */
struct trace_entry {
	__u16 type;
} __co_re;

struct syscall_trace_enter {
	struct trace_entry ent;
	unsigned long args[6];
} __co_re;

struct syscall_trace_exit {
	struct trace_entry ent;
	long ret;
} __co_re;

/* include/trace/events/filemap.h; `order` from 5.17 */
struct trace_event_raw_mm_filemap_op_page_cache {
	struct trace_entry ent;
	unsigned char order;
} __co_re;

/* include/trace/events/vmscan.h */
struct trace_event_raw_mm_vmscan_lru_shrink_inactive {
	struct trace_entry ent;
	unsigned long nr_scanned;
	unsigned long nr_reclaimed;
} __co_re;

/* include/trace/events/writeback.h; `wb_dirty` since the tracepoint gets the limits as a structure, in 6.15 */
struct trace_event_raw_balance_dirty_pages {
	struct trace_entry ent;
	unsigned long wb_dirty;
	long pause;
} __co_re;

/* include/trace/events/oom.h; `uid` since the tracepoint gets the task, and not only its number */
struct trace_event_raw_mark_victim {
	struct trace_entry ent;
	int pid;
	unsigned int uid;
} __co_re;

/* include/linux/sched.h: what a thread has used so far */
struct sched_entity {
	__u64 sum_exec_runtime;
} __co_re;

/* With CONFIG_SCHED_INFO, which schedstats and delay accounting select. */
struct sched_info {
	unsigned long long run_delay;
} __co_re;

/* include/linux/task_io_accounting.h, with CONFIG_TASK_IO_ACCOUNTING */
struct task_io_accounting {
	__u64 read_bytes;
	__u64 write_bytes;
} __co_re;

/* include/uapi/linux/taskstats.h */
struct taskstats {
	__u64 cpu_delay_total;
} __co_re;

/* include/linux/sched/signal.h: what the threads had used that have ended */
struct signal_struct___usage {
	int nr_threads;
	unsigned long maj_flt;
	unsigned long long sum_sched_runtime;
	struct task_io_accounting ioac;
	struct taskstats *stats; /* with CONFIG_TASKSTATS, once a thread has ended while others went on */
} __co_re;

#define PF_EXITING 0x00000004

/* The states that ps shows as D: __task_state_index() in include/linux/sched.h. */
#define TASK_UNINTERRUPTIBLE 0x00000002
#define TASK_NOLOAD 0x00000400
#define TASK_RTLOCK_WAIT 0x00001000
#define TASK_FROZEN 0x00008000

struct task_struct___usage {
	unsigned int __state;
	struct sched_entity se;
	struct sched_info sched_info;
	unsigned long maj_flt;
	struct task_io_accounting ioac;
	struct signal_struct___usage *signal;
} __co_re;

struct task_struct___before_5_14 {
	long state;
} __co_re;

/* include/linux/bpf.h: which reading of an iterator it is */
struct bpf_iter_meta___session {
	__u64 session_id;
} __co_re;
