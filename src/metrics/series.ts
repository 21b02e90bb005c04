/**
 * Samples taken apart into series: a counter or gauge is one, a histogram one for each bucket and one for its sum.
 *
 * @module
 */
import { isHistogram, type Labels, type MetricFamily, type Sample } from "./sample.ts";

/** What a series holds: a counter or gauge, or one of a histogram's numbers. */
export type SeriesPart = "value" | "bucket" | "sum";

/** What one series is. */
export interface Series {
  readonly family: MetricFamily;
  readonly labels: Labels;
  readonly part: SeriesPart;
  /** The inclusive upper bound of a bucket; undefined for the last one, which has none, and for other parts. */
  readonly upperBound: bigint | undefined;
}

/** The series of a sample, in the order of its {@linkcode valuesOf}. */
export function seriesOf(sample: Sample): Series[] {
  const { family, labels } = sample;
  if (!isHistogram(sample)) return [{ family, labels, part: "value", upperBound: undefined }];
  return [
    ...sample.buckets.map((_, bucket): Series => ({
      family,
      labels,
      part: "bucket",
      upperBound: sample.bounds[bucket],
    })),
    { family, labels, part: "sum", upperBound: undefined },
  ];
}

/** The values of a sample, one for each of its series. */
export function valuesOf(sample: Sample): readonly bigint[] {
  return isHistogram(sample) ? [...sample.buckets, sample.sum] : [sample.value];
}

/** Whether a sample of the same family and labels as another has the same series: the buckets may differ. */
export function isOfSeries(sample: Sample, series: readonly Series[]): boolean {
  if (!isHistogram(sample)) return series[0]?.part === "value";
  return series.length === sample.buckets.length + 1 &&
    sample.bounds.every((bound, bucket) => bound === series[bucket]?.upperBound);
}
