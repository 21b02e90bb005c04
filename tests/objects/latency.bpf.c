// SPDX-License-Identifier: Apache-2.0
/* The bounds of the buckets, to the nanosecond. */
#include "test_helpers.h"
#include "latency.h"

/* Not known to the compiler, so that the function is what runs. */
volatile __u64 microsecond = 1000;

/* A bound is in its own bucket, a nanosecond more in the next one, a nanosecond less above the bound before. */
SEC("tc")
int around_bounds(void *ctx)
{
	int right = 0;

	for (__u32 i = 0; i < LATENCY_BUCKETS - 1; i++) {
		__u64 bound = microsecond << i;

		right += latency_bucket(bound) == i;
		right += latency_bucket(bound + 1) == i + 1;
		right += latency_bucket(bound - 1) == i;
	}
	return right;
}

SEC("tc")
int shortest(void *ctx)
{
	return 100 + latency_bucket(microsecond - 1000);
}

SEC("tc")
int longest(void *ctx)
{
	return 100 + latency_bucket(microsecond - 1001);
}

/* A day. */
SEC("tc")
int very_long(void *ctx)
{
	return 100 + latency_bucket(microsecond * 1000 * 1000 * 60 * 60 * 24);
}

LICENSED;
