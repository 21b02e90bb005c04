/**
 * The latency buckets: the first holds up to a microsecond, each one after it up to twice as much, the last
 * everything else. They are addressed by number, so that an empty one may be absent from a dump.
 *
 * @module
 */

/** Buckets with an upper bound, of 2^i microseconds for i = 0 to 26, and the one without. */
export const BUCKETS = 28;

const NS_PER_US = 1000;

/**
 * The number of a bucket.
 *
 * @param upperBound in nanoseconds; undefined for the last one
 */
export function bucketOf(upperBound: bigint | undefined): number {
  if (upperBound === undefined) return BUCKETS - 1;
  return Math.min(BUCKETS - 1, Math.max(0, Math.ceil(Math.log2(Number(upperBound) / NS_PER_US))));
}

/** The upper bounds in nanoseconds, of all buckets but the last. */
export const BUCKET_BOUNDS: readonly bigint[] = Array.from(
  { length: BUCKETS - 1 },
  (_, bucket) => BigInt(NS_PER_US) << BigInt(bucket),
);

/** Nanoseconds that no call in a bucket exceeds; of the last bucket, that each of them does. */
export function boundNs(bucket: number): number {
  return NS_PER_US * 2 ** Math.min(bucket, BUCKETS - 2);
}

/** Whether a bucket has no upper bound. */
export function isUnbounded(bucket: number): boolean {
  return bucket >= BUCKETS - 1;
}
