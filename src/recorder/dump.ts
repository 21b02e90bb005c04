/**
 * The Flight Recorder's content as a value that JSON can hold.
 *
 * @module
 */
import type { Labels, Life, MetricFamily, SeriesPart, SourceWindow } from "../metrics/mod.ts";

/** The version of the dumps that are written. Version 1 had neither lives nor monotonic times. */
export const DUMP_VERSION = 2;

/** A dump; readers should reject a version that they do not know. */
export interface RecorderDump {
  readonly version: typeof DUMP_VERSION;
  /** All lives of the target that the recorder has, also those before the period. */
  readonly lives: readonly Life[];
  readonly sources: readonly SourceDump[];
}

/** One source in a dump, as long as its counters go on. */
export interface SourceDump extends Pick<SourceWindow, "source" | "life" | "timesMs" | "monotonicMs"> {
  readonly series: readonly SeriesDump[];
}

/** One series in a dump. */
export interface SeriesDump {
  /** The metric family's name, also for a bucket. */
  readonly name: string;
  readonly type: MetricFamily["type"];
  /** What the integers count: themselves, or nanoseconds. */
  readonly unit: MetricFamily["unit"];
  readonly labels: Labels;
  readonly part: SeriesPart;
  /** Only of a bucket: its inclusive upper bound in the unit as a decimal string, or `+Inf`. */
  readonly upperBound?: string;
  /** Decimal strings, one for each timestamp; null where the series was absent. Buckets are not cumulative. */
  readonly values: readonly (string | null)[];
}
