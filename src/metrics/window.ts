/**
 * What can be read back from a Flight Recorder: series over a period.
 *
 * @module
 */
import type { Labels, MetricFamily } from "./sample.ts";

/** A period in milliseconds since the Unix epoch; both ends belong to it, and one left out is open. */
export interface TimeRange {
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** What a series holds: a counter or gauge, or one of a histogram's numbers. */
export type SeriesPart = "value" | "bucket" | "sum";

/** One series over a period. */
export interface SeriesWindow {
  readonly family: MetricFamily;
  readonly labels: Labels;
  readonly part: SeriesPart;
  /** The inclusive upper bound of a bucket; undefined for the last one, which has none, and for other parts. */
  readonly upperBound: bigint | undefined;
  /** One for each of the source's timestamps; undefined where the series was absent. */
  readonly values: readonly (bigint | undefined)[];
}

/** One source over a period. */
export interface SourceWindow {
  readonly source: string;
  /** Milliseconds since the Unix epoch, in the order of recording. */
  readonly timesMs: readonly number[];
  /** The series that have a value in the period. */
  readonly series: readonly SeriesWindow[];
}
