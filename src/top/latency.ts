/**
 * What a log2 histogram says of latency. A quantile is the upper bound of the bucket that holds it: the value
 * itself is somewhere in that bucket, so above half of the bound.
 *
 * @module
 */
import type { HistogramSample } from "../metrics/mod.ts";

/** The upper bound of a bucket in nanoseconds; `over` says that it is the last bucket, which has only a lower one. */
export interface Bound {
  readonly ns: bigint;
  readonly over: boolean;
}

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
  return { count: buckets.reduce((sum, bucket) => sum + bucket, 0n), buckets, bounds: after.bounds };
}

function boundOf({ bounds }: Latency, index: number): Bound | undefined {
  const ns = bounds[index] ?? bounds.at(-1);
  return ns === undefined ? undefined : { ns, over: index >= bounds.length };
}

/** The bucket in which the calls, sorted by latency, reach a share of their number; undefined if there is no call. */
export function quantile(latency: Latency, percent: bigint): Bound | undefined {
  if (latency.count === 0n) return undefined;
  let sum = 0n;
  const index = latency.buckets.findIndex((bucket) => {
    sum += bucket;
    return sum * 100n >= latency.count * percent;
  });
  return boundOf(latency, index);
}

/** The bucket of the slowest call; undefined if there is no call. */
export function slowest(latency: Latency): Bound | undefined {
  if (latency.count === 0n) return undefined;
  return boundOf(latency, latency.buckets.findLastIndex((bucket) => bucket > 0n));
}
