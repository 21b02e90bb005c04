/** Whether reads have become slower. @module */
import { boundNs, bucketOf, BUCKETS, quantileBucket } from "../metrics/mod.ts";
import type { Thresholds } from "./thresholds.ts";

/** The quantiles that are looked at, by their names. */
export const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** The name of a quantile. */
export type QuantileName = keyof typeof QUANTILES;

/** The names of the quantiles. */
export const QUANTILE_NAMES = Object.keys(QUANTILES) as readonly QuantileName[];

/** Slow calls beside each other: those that exceed what was usual. */
export interface Tail {
  readonly quantile: QuantileName;
  /** A call is slow if it took longer. */
  readonly slowerThanNs: number;
  /** The share of slow calls. */
  readonly before: number;
  readonly after: number;
  /** Slow calls that there are beyond the usual share. */
  readonly excess: number;
  /** How many standard errors the shares are apart. */
  readonly certainty: number;
}

/** What became of latency; `unknown` is too few calls to say. */
export type LatencyState = "rise" | "stable" | "unknown";

/** What became of latency. */
export interface LatencyChange {
  readonly state: LatencyState;
  /** Of a rise; also of one that may be chance, and therefore is none. */
  readonly tail: Tail | undefined;
}

/** The number of calls. */
export function countOf(calls: Float64Array): number {
  let sum = 0;
  for (const count of calls) sum += count;
  return sum;
}

/** The share of calls in buckets above one. */
function shareAbove(calls: Float64Array, bucket: number): number {
  const count = countOf(calls);
  return count === 0 ? 0 : countOf(calls.subarray(bucket + 1)) / count;
}

/** Whether calls are slow as a whole: more of them than the quantile leaves out exceed the limit of a tail. */
export function isSlow(calls: Float64Array, { quantile, slowerThanNs }: Tail): boolean {
  return shareAbove(calls, bucketOf(BigInt(slowerThanNs))) > 1 - QUANTILES[quantile];
}

/** The difference of two proportions in standard errors, both taken for samples of the same (a pooled z-test). */
function standardErrors(before: number, beforeCount: number, after: number, afterCount: number): number {
  const pooled = (before * beforeCount + after * afterCount) / (beforeCount + afterCount);
  const variance = pooled * (1 - pooled) * (1 / beforeCount + 1 / afterCount);
  return variance > 0 ? (after - before) / Math.sqrt(variance) : 0;
}

/** A rise has to show in all but one of the pieces of its time. */
const EXCUSED_PIECES = 1;

interface Judged {
  readonly tail: Tail;
  readonly isCertain: boolean;
}

/** Compares one quantile; undefined if it has not risen. */
function compareQuantile(
  quantile: QuantileName,
  before: Float64Array,
  after: Float64Array,
  pieces: () => readonly Float64Array[],
  { floorNs, rise, tailGrowth, certainty: least }: Thresholds,
): Judged | undefined {
  const usual = quantileBucket(before, 100 * QUANTILES[quantile]);
  if (usual === undefined) return undefined;
  const limit = Math.max(usual + rise - 1, bucketOf(BigInt(floorNs)));
  if (limit >= BUCKETS - 1) return undefined;
  const beyond = 1 - QUANTILES[quantile];
  const [was, is] = [shareAbove(before, limit), shareAbove(after, limit)];
  // More calls than the quantile leaves out: so the quantile itself is above the limit.
  if (is <= beyond || is < tailGrowth * was) return undefined;
  const fallen = pieces().filter((piece) => shareAbove(piece, limit) <= beyond);
  if (fallen.length > EXCUSED_PIECES) return undefined;
  const count = countOf(after);
  const certainty = standardErrors(was, countOf(before), is, count);
  const tail = {
    quantile,
    slowerThanNs: boundNs(limit),
    before: was,
    after: is,
    excess: (is - was) * count,
    certainty,
  };
  return { tail, isCertain: certainty >= least };
}

/**
 * Compares the latency of two periods.
 *
 * @param before calls in each bucket of what is usual
 * @param after the same of what is to be judged
 * @param pieces the same of its parts, one after the other: a rise lasts, a hiccup does not
 * @param thresholds the numbers that decide
 */
export function compareLatency(
  before: Float64Array,
  after: Float64Array,
  pieces: () => readonly Float64Array[],
  thresholds: Thresholds,
): LatencyChange {
  const judged = QUANTILE_NAMES.map((name) => compareQuantile(name, before, after, pieces, thresholds))
    .filter((one) => one !== undefined)
    .sort((a, b) => b.tail.certainty - a.tail.certainty);
  const tail = judged[0]?.tail;
  if (judged[0]?.isCertain) return { state: "rise", tail };
  if (Math.min(countOf(before), countOf(after)) < thresholds.fewestCalls) return { state: "unknown", tail };
  return { state: "stable", tail };
}
