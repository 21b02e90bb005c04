/* SPDX-License-Identifier: Apache-2.0 */
/* Which bucket of a histogram a duration belongs to. */
#pragma once
#include "bpf_helpers.h"

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
