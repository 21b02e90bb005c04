// SPDX-License-Identifier: Apache-2.0
/* Fields of the kernel's own structures, which every release lays out in another way. */
#include "test_helpers.h"

struct qstr {
	union {
		struct {
			__u32 hash;
			__u32 len;
		};
		__u64 hash_len;
	};
	const unsigned char *name;
} __co_re;

struct inode;
struct dentry {
	struct qstr d_name;
	struct dentry *d_parent;
	struct inode *d_inode;
} __co_re;

struct path {
	struct dentry *dentry;
} __co_re;

struct file {
	struct path f_path;
	__u32 f_flags;
} __co_re;

struct super_block {
	__u32 s_dev;
	unsigned char s_blocksize_bits;
} __co_re;

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
	long long i_size;
} __co_re;

struct upid {
	int nr;
} __co_re;

struct pid {
	unsigned int level;
	struct upid numbers[1];
} __co_re;

struct pid___long {
	struct upid numbers[4];
} __co_re;

struct mm_struct {
	unsigned long start_stack;
	unsigned long arg_start;
} __co_re;

struct sched_entity {
	__u64 vruntime;
	__u64 sum_exec_runtime;
} __co_re;

struct task_struct {
	int pid;
	int tgid;
	unsigned int flags;
	char comm[16];
	struct mm_struct *mm;
	struct task_struct *real_parent;
	struct sched_entity se;
	struct pid *thread_pid;
	int prio;
	__u64 start_time;
	struct task_struct *group_leader;
	const volatile char *never_was_there;
} __co_re;

struct sock_common {
	unsigned short skc_family;
	volatile unsigned char skc_state;
	union {
		unsigned int skc_hash;
		__u16 skc_u16hashes[2];
	};
	__u32 skc_daddr;
	__u16 skc_dport;
} __co_re;

struct sock {
	struct sock_common __sk_common;
	int sk_rcvbuf;
} __co_re;

struct sk_buff {
	unsigned int len;
	unsigned int data_len;
	__u16 queue_mapping;
	__u32 priority;
	char cb[48];
	unsigned char *head;
	unsigned char *data;
} __co_re;

struct bio_vec {
	unsigned int bv_len;
} __co_re;

struct bio {
	struct bio_vec *bi_io_vec;
	struct bio_vec bi_inline_vecs[];
} __co_re;

SEC("raw_tp/sys_enter")
int load_scalars(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	return task->pid + task->tgid + task->flags + task->prio + task->start_time;
}

SEC("raw_tp/sys_enter")
int load_through_pointers(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	return task->real_parent->group_leader->mm->arg_start + task->mm->start_stack;
}

SEC("raw_tp/sys_enter")
int load_nested(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	return task->se.vruntime + task->se.sum_exec_runtime;
}

SEC("raw_tp/sys_enter")
int load_array_elements(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct sk_buff *skb = (void *)ctx[1];

	return task->comm[0] + task->comm[7] + task->comm[15] + skb->cb[0] + skb->cb[47];
}

SEC("raw_tp/sys_enter")
int load_flexible_array(__u64 *ctx)
{
	struct pid *pid = (void *)ctx[0];
	struct bio *bio = (void *)ctx[1];

	return pid->numbers[0].nr + pid->level + bio->bi_inline_vecs[0].bv_len + bio->bi_inline_vecs[3].bv_len;
}

/* numbers[2] lies past the end of the array where it has one element, as before 6.5. */
SEC("raw_tp/sys_enter")
int ask_past_array(__u64 *ctx)
{
	return core_exists(core_field(struct pid___long, numbers[0].nr)) +
	       core_exists(core_field(struct pid___long, numbers[2].nr)) * 2;
}

SEC("raw_tp/sys_enter")
int load_anonymous_members(__u64 *ctx)
{
	struct file *file = (void *)ctx[0];
	struct sock *sock = (void *)ctx[1];

	return file->f_path.dentry->d_name.len + file->f_path.dentry->d_name.hash_len +
	       sock->__sk_common.skc_hash + sock->__sk_common.skc_u16hashes[1] + sock->__sk_common.skc_daddr;
}

SEC("raw_tp/sys_enter")
int load_renumbered(__u64 *ctx)
{
	struct inode *inode = ((struct dentry *)ctx[0])->d_inode;

	return inode->i_mode + inode->i_size + inode->i_sb->s_dev + inode->i_sb->s_blocksize_bits;
}

/* i_ino is `unsigned long` until 7.0 and u64 from then on. */
SEC("raw_tp/sys_enter")
int load_inode_number(__u64 *ctx)
{
	return ((struct inode *)ctx[0])->i_ino;
}

SEC("raw_tp/sys_enter")
int load_missing_field(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	return task->never_was_there == 0;
}

SEC("raw_tp/sys_enter")
int load_guarded_field(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	if (core_exists(task->never_was_there))
		return *task->never_was_there;
	return task->pid;
}

SEC("raw_tp/sys_enter")
int store_fields(__u64 *ctx)
{
	struct sk_buff *skb = (void *)ctx[0];

	skb->priority = ctx[1];
	skb->queue_mapping = 7;
	skb->cb[5] = ctx[2];
	skb->len = 0x12345678;
	return 0;
}

SEC("raw_tp/sys_enter")
int probe_read_fields(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct mm_struct *mm = 0;
	char comm[16];

	bpf_probe_read_kernel(&mm, sizeof(mm), __builtin_preserve_access_index(&task->mm));
	bpf_probe_read_kernel(comm, core_size(task->comm), task->comm);
	return mm != 0 && comm[0] == 'k';
}

SEC("raw_tp/sys_enter")
int ask_every_kind(__u64 *ctx)
{
	return core_all(core_field(struct task_struct, pid)) + core_all(core_field(struct task_struct, se.vruntime)) +
	       core_all(core_field(struct sock, __sk_common.skc_state)) +
	       core_all(core_field(struct sock, sk_rcvbuf)) + core_all(core_field(struct inode, i_size));
}

SEC("raw_tp/sys_enter")
int ask_whole_fields(__u64 *ctx)
{
	return core_offset(core_field(struct task_struct, se)) + core_size(core_field(struct task_struct, se)) +
	       core_exists(core_field(struct task_struct, se)) + core_size(core_field(struct sock, __sk_common)) +
	       core_size(core_field(struct sk_buff, cb)) + core_offset(core_field(struct sk_buff, data));
}

SEC("tp_btf/sched_switch")
int load_from_tracepoint(__u64 *ctx)
{
	struct task_struct *previous = (void *)ctx[1];
	struct task_struct *next = (void *)ctx[2];

	return previous->pid + next->pid;
}

SEC("raw_tp/sys_enter")
int load_element_of_root(__u64 *ctx)
{
	struct upid *upids = (void *)ctx[0];

	return upids[0].nr + upids[3].nr;
}

LICENSED;
