/**
 * What the buckets of a histogram say. Pure.
 *
 * @module
 */

/** Observations in each bucket alone; the last bucket has no upper bound. */
export type Buckets = ArrayLike<number> | ArrayLike<bigint>;

/** How many observations there are. */
export function observationsOf(buckets: readonly bigint[]): bigint {
  return buckets.reduce((sum, bucket) => sum + bucket, 0n);
}

/**
 * The bucket in which the observations, in ascending order, reach a share of their number.
 *
 * @param buckets exact up to 2^46 observations
 * @param percent the share, from 1 to 100
 * @returns its index; undefined if there is no observation
 */
export function quantileBucket(buckets: Buckets, percent: number): number | undefined {
  let count = 0;
  for (let index = 0; index < buckets.length; index++) count += Number(buckets[index]);
  if (count === 0) return undefined;
  let sum = 0;
  let index = -1;
  while (sum * 100 < count * percent) sum += Number(buckets[++index]);
  return index;
}

/** An upper bound; `over` says that it is that of the last but one bucket, and only a lower one of the last. */
export interface Bound {
  readonly ns: bigint;
  readonly over: boolean;
}

/**
 * The upper bound of a bucket, which is as much as a histogram says of what is in it.
 *
 * @param bounds those of all buckets but the last
 * @param bucket its index
 * @returns undefined if no bucket has one
 */
export function boundOf(bounds: readonly bigint[], bucket: number): Bound | undefined {
  const ns = bounds[bucket] ?? bounds.at(-1);
  return ns === undefined ? undefined : { ns, over: bucket >= bounds.length };
}
