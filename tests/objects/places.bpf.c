// SPDX-License-Identifier: Apache-2.0
/* Programs that attach to a place which their section's name does not say; each counts what it sees. */
#include "test_helpers.h"
#include "packets.h"

SEC("cgroup_skb/egress")
int count_egress(struct __sk_buff *skb)
{
	count_udp(skb, 0);
	return 1;
}

SEC("cgroup_skb/ingress")
int count_ingress(struct __sk_buff *skb)
{
	count_udp(skb, 0);
	return 1;
}

/* As libbpf has it: ingress. */
SEC("cgroup/skb")
int count_either(struct __sk_buff *skb)
{
	count_udp(skb, 0);
	return 1;
}

SEC("cgroup/connect4")
int refuse_connect(void *ctx)
{
	__sync_fetch_and_add(&count, 1);
	return 0;
}

SEC("sockops")
int count_sockops(void *ctx)
{
	__sync_fetch_and_add(&count, 1);
	return 1;
}

SEC("lsm_cgroup/socket_bind")
int refuse_bind(void *ctx)
{
	__sync_fetch_and_add(&count, 1);
	return 0;
}

SEC("xdp")
int count_xdp(struct xdp_md *ctx)
{
	unsigned char *data = (unsigned char *)(long)ctx->data;

	if (data + ETHERNET_SIZE + IP_PROTOCOL < (unsigned char *)(long)ctx->data_end &&
	    data[ETHERNET_SIZE + IP_PROTOCOL] == UDP)
		__sync_fetch_and_add(&count, 1);
	return XDP_PASS;
}

SEC("sk_lookup")
int count_lookups(void *ctx)
{
	__sync_fetch_and_add(&count, 1);
	return SK_PASS;
}

SEC("flow_dissector")
int dissect_nothing(void *ctx)
{
	return 0;
}

LICENSED;
