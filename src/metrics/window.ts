/**
 * What can be read back from a Flight Recorder: series over a period.
 *
 * @module
 */
import type { Life, Moment } from "./life.ts";
import type { Series } from "./series.ts";

/** A period; both ends belong to it, and one left out is open. */
export interface TimeRange {
  /** The clock that the ends are of: `timeMs` of the wall clock, unless given. */
  readonly clock?: keyof Moment;
  /** Milliseconds of that clock. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** One series over a period. */
export interface SeriesWindow extends Series {
  /** One for each of the source's timestamps; undefined where the series was absent. */
  readonly values: readonly (bigint | undefined)[];
}

/** One source over a period, as long as its counters go on. */
export interface SourceWindow {
  readonly source: string;
  /**
   * The life of the target that the counters began with: they go on until the life that the next window of the same
   * source names. Absent for what does not depend on the target.
   */
  readonly life?: number;
  /** Milliseconds since the Unix epoch, in the order of recording. */
  readonly timesMs: readonly number[];
  /** The same moments of `CLOCK_MONOTONIC`, ascending. */
  readonly monotonicMs: readonly number[];
  /** The series that have a value in the period. */
  readonly series: readonly SeriesWindow[];
}

/** What a Flight Recorder knows of a period. */
export interface Recording {
  /** All lives of the target, the oldest first, of any period. */
  readonly lives: readonly Life[];
  readonly windows: readonly SourceWindow[];
}
