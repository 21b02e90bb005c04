// SPDX-License-Identifier: Apache-2.0
/* Bit-fields of every width and signedness, ours and the kernel's. Other layouts of ours: layouts/. */
#include "test_helpers.h"

struct lay_bits {
	unsigned int u1 : 1;
	unsigned int u3 : 3;
	unsigned int u7 : 7;
	unsigned int u13 : 13;
	unsigned int u32;
	int s1 : 1;
	int s5 : 5;
	int s12 : 12;
	int s31 : 31;
	__u64 u33 : 33;
	__u64 u20 : 20;
	__u64 u63 : 63;
	__s64 s40 : 40;
	__s64 s64;
	unsigned char byte : 4;
	unsigned char rest : 4;
	__s8 nibble : 4;
	__u16 half : 9;
	__s16 signed_half : 11;
	bool flag : 1;
	bool whole;
} __co_re;

enum lay_mode {
	LAY_MODE_A,
	LAY_MODE_B,
};

enum lay_signed_mode {
	LAY_SIGNED_MODE_A = -1,
	LAY_SIGNED_MODE_B,
};

struct lay_enum_bits {
	enum lay_mode mode : 4;
	enum lay_signed_mode signed_mode : 4;
	enum lay_mode plain;
	enum lay_signed_mode signed_plain;
} __co_re;

/* Was a bit-field, is none any more; and the other way round. */
struct lay_bits_changed {
	unsigned int to_field : 9;
	unsigned int to_bits;
	int signed_to_field : 17;
	int signed_to_bits;
} __co_re;

/* Without gaps in another layout, where some need a wider load. */
struct lay_packed {
	__u8 a : 5;
	__u8 b : 6;
	__u16 c : 12;
	__u32 d : 30;
} __co_re;

struct task_struct {
	int pid;
	unsigned int sched_reset_on_fork : 1;
	unsigned int in_execve : 1;
	unsigned int in_iowait : 1;
	unsigned int no_cgroup_migration : 1;
} __co_re;

struct sk_buff {
	__u8 pkt_type : 3;
	__u8 ignore_df : 1;
	__u8 ip_summed : 2;
	__u8 encapsulation : 1;
	__u16 protocol;
} __co_re;

struct tcp_sock {
	__u8 nonagle : 4;
	__u8 is_sack_reneg : 1;
	__u8 repair : 1;
	__u32 snd_cwnd;
} __co_re;

#define ASK(field) core_all(core_field(struct lay_bits, field))

SEC("raw_tp/sys_enter")
int ask_unsigned(__u64 *ctx)
{
	return ASK(u1) + ASK(u3) + ASK(u7) + ASK(u13) + ASK(u32) + ASK(u33) + ASK(u20) + ASK(u63);
}

SEC("raw_tp/sys_enter")
int ask_signed(__u64 *ctx)
{
	return ASK(s1) + ASK(s5) + ASK(s12) + ASK(s31) + ASK(s40) + ASK(s64);
}

SEC("raw_tp/sys_enter")
int ask_small(__u64 *ctx)
{
	return ASK(byte) + ASK(rest) + ASK(nibble) + ASK(half) + ASK(signed_half) + ASK(flag) + ASK(whole);
}

SEC("raw_tp/sys_enter")
int ask_enumerations(__u64 *ctx)
{
	return core_all(core_field(struct lay_enum_bits, mode)) +
	       core_all(core_field(struct lay_enum_bits, signed_mode)) +
	       core_all(core_field(struct lay_enum_bits, plain)) +
	       core_all(core_field(struct lay_enum_bits, signed_plain));
}

SEC("raw_tp/sys_enter")
int ask_packed(__u64 *ctx)
{
	return core_all(core_field(struct lay_packed, a)) + core_all(core_field(struct lay_packed, b)) +
	       core_all(core_field(struct lay_packed, c)) + core_all(core_field(struct lay_packed, d));
}

SEC("raw_tp/sys_enter")
int ask_changed(__u64 *ctx)
{
	return core_all(core_field(struct lay_bits_changed, to_field)) +
	       core_all(core_field(struct lay_bits_changed, to_bits)) +
	       core_all(core_field(struct lay_bits_changed, signed_to_field)) +
	       core_all(core_field(struct lay_bits_changed, signed_to_bits));
}

SEC("raw_tp/sys_enter")
int read_unsigned(__u64 *ctx)
{
	struct lay_bits *bits = (void *)ctx[0];

	return core_bitfield(bits, u1) + core_bitfield(bits, u13) + core_bitfield(bits, u33) +
	       core_bitfield(bits, u63);
}

SEC("raw_tp/sys_enter")
int read_signed(__u64 *ctx)
{
	struct lay_bits *bits = (void *)ctx[0];

	return core_bitfield(bits, s1) + core_bitfield(bits, s12) + core_bitfield(bits, s31) +
	       core_bitfield(bits, s40);
}

SEC("raw_tp/sys_enter")
int read_changed(__u64 *ctx)
{
	struct lay_bits_changed *bits = (void *)ctx[0];

	return core_bitfield(bits, to_field) + core_bitfield(bits, to_bits) +
	       core_bitfield(bits, signed_to_field) + core_bitfield(bits, signed_to_bits);
}

SEC("raw_tp/sys_enter")
int read_task(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	return core_bitfield(task, sched_reset_on_fork) + core_bitfield(task, in_execve) * 2 +
	       core_bitfield(task, in_iowait) * 4 + core_bitfield(task, no_cgroup_migration) * 8;
}

SEC("raw_tp/sys_enter")
int read_skb(__u64 *ctx)
{
	struct sk_buff *skb = (void *)ctx[0];

	return core_bitfield(skb, pkt_type) + core_bitfield(skb, ignore_df) + core_bitfield(skb, ip_summed) +
	       core_bitfield(skb, encapsulation) + skb->protocol;
}

SEC("raw_tp/sys_enter")
int read_tcp(__u64 *ctx)
{
	struct tcp_sock *tcp = (void *)ctx[0];

	return core_bitfield(tcp, nonagle) + core_bitfield(tcp, is_sack_reneg) + core_bitfield(tcp, repair) +
	       tcp->snd_cwnd;
}

/* The compiler chooses the load. */
SEC("raw_tp/sys_enter")
int load_directly(__u64 *ctx)
{
	struct lay_bits *bits = (void *)ctx[0];

	return bits->u1 + bits->u13 + bits->s12 + bits->byte + bits->half;
}

LICENSED;
