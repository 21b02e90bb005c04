/**
 * What a log2 histogram says of latency. A quantile is the upper bound of the bucket that holds it: the value
 * itself is somewhere in that bucket, so above half of the bound.
 *
 * @module
 */
import { type Bound, boundOf, type HistogramSample, observationsOf, quantileBucket } from "../metrics/mod.ts";

/** The calls of a period by their latency. */
export interface Latency {
  readonly count: bigint;
  /** Calls in each bucket alone. */
  readonly buckets: readonly bigint[];
  readonly bounds: readonly bigint[];
}

/**
 * The calls between two snapshots.
 *
 * @returns undefined if one of the histograms is absent, or counting began anew in between
 */
export function latencyBetween(
  before: HistogramSample | undefined,
  after: HistogramSample | undefined,
): Latency | undefined {
  if (before === undefined || after === undefined) return undefined;
  const buckets = after.buckets.map((bucket, index) => bucket - (before.buckets[index] ?? 0n));
  if (buckets.some((bucket) => bucket < 0n)) return undefined;
  return { count: observationsOf(buckets), buckets, bounds: after.bounds };
}

/** The bucket in which the calls, sorted by latency, reach a share of their number; undefined if there is no call. */
export function quantile({ buckets, bounds }: Latency, percent: number): Bound | undefined {
  const bucket = quantileBucket(buckets, percent);
  return bucket === undefined ? undefined : boundOf(bounds, bucket);
}

/** The bucket of the slowest call; undefined if there is no call. */
export function slowest({ count, buckets, bounds }: Latency): Bound | undefined {
  return count === 0n ? undefined : boundOf(bounds, buckets.findLastIndex((bucket) => bucket > 0n));
}
