/**
 * The Flight Recorder's content as a value that JSON can hold.
 *
 * @module
 */
import type { Labels, MetricFamily, SeriesPart, SeriesWindow, SourceWindow } from "../metrics/mod.ts";

/** A dump; readers should reject a version that they do not know. */
export interface RecorderDump {
  readonly version: 1;
  readonly sources: readonly SourceDump[];
}

/** One source in a dump. */
export interface SourceDump {
  readonly source: string;
  /** Milliseconds since the Unix epoch, in the order of recording. */
  readonly timesMs: readonly number[];
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

/**
 * Turns windows of the recorder into a dump.
 *
 * @param windows what `FlightRecorder.window` returned
 * @returns a value for `JSON.stringify`
 */
export function dumpWindows(windows: readonly SourceWindow[]): RecorderDump {
  const sources = windows.map(({ source, timesMs, series }) => ({
    source,
    timesMs,
    series: series.map(dumpSeries),
  }));
  return { version: 1, sources };
}

function dumpSeries(series: SeriesWindow): SeriesDump {
  return {
    ...describeSeries(series),
    values: series.values.map((value) => value === undefined ? null : `${value}`),
  };
}

/** What a dump says of a series beside its values. */
export function describeSeries(
  { family: { name, type, unit }, labels, part, upperBound }: Omit<SeriesWindow, "values">,
): Omit<SeriesDump, "values"> {
  return {
    name,
    type,
    unit,
    labels,
    part,
    ...(part === "bucket" && { upperBound: upperBound === undefined ? "+Inf" : `${upperBound}` }),
  };
}
