/**
 * What metrics are made of: which counter of the programs, and which probe feeds it. Pure.
 *
 * @module
 */
import { type Labels, type MetricFamily, NO_LABELS } from "../metrics/mod.ts";

/** A metric that is one integer of a module's `struct counters`. */
export interface CounterMetric {
  readonly family: MetricFamily;
  readonly labels: Labels;
  /** Path of the counter, as `flatLayout()` names it. */
  readonly counter: string;
  /** The counter in its place where the probe is derived from others. */
  readonly bound?: string;
  /** Counters that are added to it. */
  readonly and?: readonly string[];
  /** The probe without which the metric is absent. */
  readonly probe: string;
}

/** A metric that is made of `struct latency`. */
export interface LatencyMetric {
  readonly family: MetricFamily;
  readonly labels: Labels;
  /** Path of the structure. */
  readonly counter: string;
  /** Structures that are added to it. */
  readonly and?: readonly string[];
  readonly probe: string;
}

/** A metric that is one counter without labels. */
export function counter(name: string, path: string, probe: string, help: string): CounterMetric {
  return { family: { name, type: "counter", help, unit: "1" }, labels: NO_LABELS, counter: path, probe };
}
