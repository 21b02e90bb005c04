/**
 * The vocabulary of measurement: families, samples and sample sets. Plain values, no I/O.
 *
 * @module
 */
import type { Moment } from "./life.ts";

/** What Prometheus calls a metric family. */
export interface MetricFamily {
  /** The exported name, with the suffix its type and unit ask for: `_total`, `_seconds`. */
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** One sentence for the HELP line. */
  readonly help: string;
  /** What the integer counts: itself, or nanoseconds that are exported as seconds. */
  readonly unit: "1" | "ns";
}

/** Label names and values. */
export type Labels = Readonly<Record<string, string>>;

/** No labels; the same object every time, by which a recorder knows a series again. */
export const NO_LABELS: Labels = {};

/** One counter or gauge: a 64-bit integer that never passes through a float. */
export interface ScalarSample {
  readonly family: MetricFamily;
  readonly labels: Labels;
  readonly value: bigint;
}

/** One histogram. */
export interface HistogramSample {
  readonly family: MetricFamily;
  readonly labels: Labels;
  /** Inclusive upper bounds in the family's unit, ascending, without `+Inf`. */
  readonly bounds: readonly bigint[];
  /** Observations in each bucket alone (not cumulative); one more than bounds, the last being `+Inf`. */
  readonly buckets: readonly bigint[];
  /** Sum of all observations in the family's unit. */
  readonly sum: bigint;
}

/** One measured value of a family. */
export type Sample = ScalarSample | HistogramSample;

/** Everything that one source measured at one moment. */
export interface SampleSet extends Moment {
  /** Who measured: a module's name, or `ktm` for the agent itself. */
  readonly source: string;
  readonly samples: readonly Sample[];
}

/** True if the sample is a histogram. */
export function isHistogram(sample: Sample): sample is HistogramSample {
  return "buckets" in sample;
}
