// SPDX-License-Identifier: Apache-2.0
/* As places.bpf.c, with names of sections that libbpf 1.1 does not know. */
#include "test_helpers.h"
#include "packets.h"

SEC("tcx/ingress")
int count_tcx_ingress(struct __sk_buff *skb)
{
	count_udp(skb, ETHERNET_SIZE);
	return TCX_PASS;
}

SEC("tcx/egress")
int count_tcx_egress(struct __sk_buff *skb)
{
	count_udp(skb, ETHERNET_SIZE);
	return TCX_PASS;
}

SEC("netfilter")
int count_netfilter(void *ctx)
{
	__sync_fetch_and_add(&count, 1);
	return NF_ACCEPT;
}

LICENSED;
