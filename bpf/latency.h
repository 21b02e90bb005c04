/* SPDX-License-Identifier: Apache-2.0 */
/* How long calls take: the buckets of a histogram, and what they returned. */
#pragma once
#include "watched.h"

/* Upper bounds 2^i microseconds for i = 0..26, then +Inf. */
#define LATENCY_BUCKETS 28

/*
 * Smallest i with ns <= 1000 << i, at most LATENCY_BUCKETS - 1: a binary search, exact because
 * floor(floor(x / 2^a) / 2^b) is floor(x / 2^(a+b)).
 */
static __always_inline __u32 latency_bucket(__u64 ns)
{
	__u64 rest = ns ? ns - 1 : 0;
	__u32 bucket = 0;

	if (rest >= 1000ULL << 27)
		return LATENCY_BUCKETS - 1;
	if (rest >= 1000ULL << 16) {
		rest >>= 16;
		bucket += 16;
	}
	if (rest >= 1000ULL << 8) {
		rest >>= 8;
		bucket += 8;
	}
	if (rest >= 1000ULL << 4) {
		rest >>= 4;
		bucket += 4;
	}
	if (rest >= 1000ULL << 2) {
		rest >>= 2;
		bucket += 2;
	}
	if (rest >= 1000ULL << 1) {
		rest >>= 1;
		bucket += 1;
	}
	if (rest >= 1000ULL)
		bucket += 1;
	return bucket;
}

struct latency {
	__u64 buckets[LATENCY_BUCKETS];
	__u64 sum_ns;
	__u64 bytes;
	__u64 again; /* EAGAIN, which is EWOULDBLOCK, too: nothing to read yet */
	__u64 errors; /* all others */
};

/* include/uapi/asm-generic/errno-base.h */
#define EAGAIN 11

static __always_inline void count_latency(struct latency *latency, __u64 ns, __s64 ret)
{
	__u32 bucket;

	if (ret < 0) {
		if (ret == -EAGAIN)
			count(latency->again, 1);
		else
			count(latency->errors, 1);
		return;
	}
	bucket = latency_bucket(ns);
	if (bucket < LATENCY_BUCKETS)
		count(latency->buckets[bucket], 1);
	count(latency->sum_ns, ns);
	count(latency->bytes, ret);
}
