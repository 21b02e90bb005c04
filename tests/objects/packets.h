/* SPDX-License-Identifier: Apache-2.0 */
/* Packets as programs see them; names and numbers of include/uapi/linux/bpf.h, if_ether.h and in.h. */
#pragma once

#define ETHERNET_SIZE 14
#define IP_PROTOCOL 9
#define UDP 17
#define XDP_PASS 2
#define SK_PASS 1
#define TCX_PASS 0
#define NF_ACCEPT 1

struct __sk_buff;

struct xdp_md {
	__u32 data;
	__u32 data_end;
};

static long (*const bpf_skb_load_bytes)(const void *skb, __u32 offset, void *to, __u32 length) = (void *)26;

__u64 count;

/* Counts a packet of UDP over IPv4, whose IP header is at an offset. */
static __always_inline void count_udp(const struct __sk_buff *skb, __u32 offset)
{
	__u8 protocol = 0;

	if (bpf_skb_load_bytes(skb, offset + IP_PROTOCOL, &protocol, 1) == 0 && protocol == UDP)
		__sync_fetch_and_add(&count, 1);
}
