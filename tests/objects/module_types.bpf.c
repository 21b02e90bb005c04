// SPDX-License-Identifier: Apache-2.0
/* Types, functions and attach targets of two modules, of the kernel itself, and of nobody. */
#include "test_helpers.h"

/* Of virtio_blk. Its members are of the module's own types, and of the kernel's. */
struct virtio_device {
	int index;
} __co_re;

struct virtio_blk_vq {
	void *vq;
	char name[16];
} __co_re;

struct virtio_blk {
	struct virtio_device *vdev;
	int index;
	int num_vqs;
	struct virtio_blk_vq *vqs;
	int nobody;
} __co_re;

/* The same under another name. */
struct virtio_blk___other {
	int num_vqs;
	struct virtio_blk_vq *vqs;
} __co_re;

/* Of nf_conntrack. */
struct nf_conn_tstamp {
	__u64 start;
	__u64 stop;
} __co_re;

enum ip_conntrack_events {
	IPCT_NEW = 77,
	IPCT_DESTROY = 78,
	IPCT_NOBODY = 79,
};

struct bpf_ct_opts___local {
	int netns_id;
	int error;
} __co_re;

/* Of the kernel and not of a module. */
struct task_struct {
	int pid;
} __co_re;

struct nobody_has_this {
	int member;
} __co_re;

struct nf_conn {
	__u32 mark;
};

struct virtqueue {
	void *priv;
};

extern void bpf_ct_release(struct nf_conn *connection) __ksym __weak;
extern void virtblk_done(struct virtqueue *queue) __ksym __weak;
extern void bpf_rcu_read_lock(void) __ksym __weak;
extern void bpf_rcu_read_unlock(void) __ksym __weak;

SEC("raw_tp/sys_enter")
int fields_of_one(__u64 *ctx)
{
	struct virtio_blk *disk = (struct virtio_blk *)ctx[0];
	struct virtio_blk___other *other = (struct virtio_blk___other *)ctx[1];

	return core_all(disk->index) + core_all(disk->nobody) + core_offset(disk->vqs[3].name[2]) +
	       core_offset(disk->vdev) + disk->num_vqs + disk->vqs->name[1] + other->num_vqs + disk->vdev->index +
	       core_exists(other->vqs);
}

SEC("raw_tp/sys_enter")
int fields_of_other(__u64 *ctx)
{
	struct nf_conn_tstamp *times = (struct nf_conn_tstamp *)ctx[0];
	struct bpf_ct_opts___local *options = (struct bpf_ct_opts___local *)ctx[1];

	return times->start + core_all(times->stop) + core_all(options->error);
}

SEC("raw_tp/sys_enter")
int types_of_all(void *ctx)
{
	return core_type_exists(struct virtio_blk) + core_type_size(struct virtio_blk) * 3 +
	       core_type_exists(struct nf_conn_tstamp) * 5 + core_type_size(struct nf_conn_tstamp) * 7 +
	       core_type_matches(struct nf_conn_tstamp) * 11 + core_type_matches(struct virtio_blk) * 13 +
	       core_type_exists(struct task_struct) * 17 + core_type_exists(struct nobody_has_this) * 19 +
	       core_type_size(struct nobody_has_this) * 23;
}

SEC("raw_tp/sys_enter")
int ids_of_all(void *ctx)
{
	return core_id_target(struct virtio_blk) + core_id_target(struct nf_conn_tstamp) * 3 +
	       core_id_target(struct task_struct) * 5 + core_id_local(struct virtio_blk) * 7;
}

SEC("raw_tp/sys_enter")
int enumerators(void *ctx)
{
	return core_enum_value(enum ip_conntrack_events, IPCT_NEW) +
	       core_enum_value(enum ip_conntrack_events, IPCT_DESTROY) * 3 +
	       core_enum_exists(enum ip_conntrack_events, IPCT_NOBODY) * 5;
}

SEC("tp_btf/sys_enter")
int call_other(__u64 *ctx)
{
	if (bpf_ct_release)
		bpf_ct_release((struct nf_conn *)ctx[0]);
	return 0;
}

/* The index of a module, in place of its descriptor, is that of its first call in the object. */
SEC("tp_btf/sys_enter")
int call_all(__u64 *ctx)
{
	virtblk_done((struct virtqueue *)ctx[0]);
	bpf_rcu_read_lock();
	bpf_ct_release((struct nf_conn *)ctx[0]);
	bpf_rcu_read_unlock();
	virtblk_done((struct virtqueue *)ctx[1]);
	return 0;
}

SEC("fentry/virtio_queue_rq")
int enter_one(void *ctx)
{
	return 0;
}

SEC("fexit/nf_conntrack_in")
int leave_other(void *ctx)
{
	return 0;
}

SEC("fentry/vfs_read")
int enter_kernel(void *ctx)
{
	return 0;
}

LICENSED;
