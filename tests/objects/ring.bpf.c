// SPDX-License-Identifier: Apache-2.0
/* Writes records to ring buffers, as many and of such kinds as the arguments say, or when a process calls kill(2). */
#include "test_helpers.h"

#define PRODUCERS 4
#define MOST_AT_ONCE 128
#define WORDS 256

static long (*const bpf_ringbuf_output)(void *ringbuf, void *data, __u64 size, __u64 flags) = (void *)130;
static void (*const bpf_ringbuf_discard)(void *data, __u64 flags) = (void *)133;

struct event {
	__u64 sequence;
	__u32 producer;
	__u32 check; /* the sequence number's complement */
};

/* The compiler leaves out types that nothing mentions. */
struct event *unused_event;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} large_events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} no_ring SEC(".maps");

const volatile __u32 watched_tgid = 0;
const volatile __u64 nr_kill = 0;

/* By producer: records written, and records for which there was no room. */
__u64 written[PRODUCERS];
__u64 refused[PRODUCERS];
__u64 words[WORDS];
/* Of the slow writer: 1 while its record is reserved, 2 from right before it is submitted. */
__u32 stage;

static __always_inline int write_event(void *ring, __u32 producer)
{
	struct event *event = bpf_ringbuf_reserve(ring, sizeof(*event), 0);

	if (!event) {
		refused[producer]++;
		return 0;
	}
	event->sequence = written[producer];
	event->producer = producer;
	event->check = ~(__u32)written[producer];
	written[producer]++;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

/* Arguments: how many records, and who writes them. */
SEC("raw_tp/sys_enter")
int write_events(__u64 *ctx)
{
	__u32 count = ctx[0];
	__u32 producer = ctx[1] & (PRODUCERS - 1);

	for (int i = 0; i < MOST_AT_ONCE && i < count; i++)
		write_event(&events, producer);
	return 0;
}

/* Records of 8 to 2048 bytes, the first and the last eight of which are the sequence number. */
SEC("raw_tp/sys_enter")
int write_lengths(__u64 *ctx)
{
	__u32 count = ctx[0];

	for (int i = 0; i < MOST_AT_ONCE && i < count; i++) {
		__u32 length = 8 * (1 + (written[0] * 7 & (WORDS - 1)));

		words[0] = written[0];
		words[(length / 8 - 1) & (WORDS - 1)] = written[0];
		if (bpf_ringbuf_output(&events, words, length, 0))
			refused[0]++;
		else
			written[0]++;
	}
	return 0;
}

/* Of three records the second is thrown away. */
SEC("raw_tp/sys_enter")
int write_two_of_three(__u64 *ctx)
{
	struct event *event;

	write_event(&events, 0);
	event = bpf_ringbuf_reserve(&events, sizeof(*event) + 1, 0);
	if (event)
		bpf_ringbuf_discard(event, 0);
	return write_event(&events, 0);
}

/* A record that is larger than what is usually copied at once, and a small one. */
SEC("raw_tp/sys_enter")
int write_large(__u64 *ctx)
{
	char *record = bpf_ringbuf_reserve(&large_events, 100000, 0);

	if (record) {
		record[0] = 1;
		record[99999] = 2;
		bpf_ringbuf_submit(record, 0);
	}
	return write_event(&large_events, 0);
}

static long take_time(__u32 index, void *ctx)
{
	__u64 *total = ctx;

	*total += index;
	return 0;
}

/* Takes its time between reserving a record and submitting it. */
SEC("raw_tp/sys_enter")
int write_slowly(__u64 *ctx)
{
	__u64 total = 0;
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 0;
	*(volatile __u32 *)&stage = 1;
	bpf_loop(ctx[0], take_time, &total, 0);
	event->sequence = total;
	event->producer = 7;
	event->check = 0;
	*(volatile __u32 *)&stage = 2;
	bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("raw_tp/sys_enter")
int on_kill(__u64 *ctx)
{
	if (ctx[1] != nr_kill || bpf_get_current_pid_tgid() >> 32 != watched_tgid)
		return 0;
	return write_event(&events, 0);
}

LICENSED;
