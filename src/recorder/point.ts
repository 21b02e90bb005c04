/**
 * Sample sets taken apart into series.
 *
 * @module
 */
import { isHistogram, type Labels, type MetricFamily, type Sample } from "../metrics/mod.ts";
import type { SeriesPart } from "./window.ts";

/** What one series is. */
export interface Series {
  readonly family: MetricFamily;
  readonly labels: Labels;
  readonly part: SeriesPart;
  readonly upperBound: bigint | undefined;
}

/** One value of one series. */
export interface Point {
  /** The same for the same series: metric, part and sorted labels. */
  readonly key: string;
  readonly series: Series;
  readonly value: bigint;
}

/**
 * Takes samples apart; a histogram becomes one point for each bucket and one for the sum.
 *
 * @param samples the samples of one set
 * @returns one point for each series
 * @throws {RangeError} if a value does not fit in 64 bits
 */
export function pointsOf(samples: readonly Sample[]): Point[] {
  return samples.flatMap((sample) => {
    const { family, labels } = sample;
    if (!isHistogram(sample)) {
      return [pointOf({ family, labels, part: "value", upperBound: undefined }, sample.value)];
    }
    const buckets = sample.buckets.map((value, index) =>
      pointOf({ family, labels, part: "bucket", upperBound: sample.bounds[index] }, value)
    );
    return [...buckets, pointOf({ family, labels, part: "sum", upperBound: undefined }, sample.sum)];
  });
}

/**
 * True if the 64 bits of the series' values have a sign: gauges have, what only grows does not.
 *
 * @param series the series
 */
export function isSigned(series: Series): boolean {
  return series.family.type === "gauge";
}

function pointOf(series: Series, value: bigint): Point {
  const stored = isSigned(series) ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  if (stored !== value) {
    throw new RangeError(`Cannot record ${series.family.name}: ${value} does not fit in 64 bits`);
  }
  return { key: keyOf(series), series, value };
}

function keyOf({ family, labels, part, upperBound }: Series): string {
  const sorted = Object.keys(labels).sort().flatMap((label) => [label, labels[label]]);
  return JSON.stringify([family.name, part, `${upperBound}`, ...sorted]);
}
