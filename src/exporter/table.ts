/**
 * Sample sets as a table for people.
 *
 * @module
 */
import {
  boundOf,
  type HistogramSample,
  isHistogram,
  type Labels,
  type MetricFamily,
  observationsOf,
  quantileBucket,
  type Sample,
  type SampleSet,
  visibleJson,
} from "../metrics/mod.ts";
import { formatScaled } from "./decimal.ts";

/** From the largest unit to the smallest. */
const DURATIONS = [["s", 9], ["ms", 6], ["us", 3], ["ns", 0]] as const;

const PERCENTILES = [50, 95, 99];

/**
 * Writes sample sets as aligned columns: metric, labels, value.
 *
 * A histogram is one row with its count, its sum and for the 50th, 95th and 99th percentile the upper bound
 * of the bucket that holds it. Durations have the unit that suits their size, with all digits.
 *
 * @param sets what to write
 * @returns the text, ending in a newline
 *
 * @example Time in reclaim
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const family = { name: "stall_seconds_total", type: "counter", help: "Time.", unit: "ns" } as const;
 * const samples = [{ family, labels: { kind: "memcg" }, value: 1500000n }];
 * assert.equal(
 *   formatTable([{ source: "example", timeMs: 0, monotonicMs: 0, samples }]),
 *   "METRIC               LABELS        VALUE\n" +
 *     'stall_seconds_total  kind="memcg"  1.5ms\n',
 * );
 * ```
 */
export function formatTable(sets: readonly SampleSet[]): string {
  const rows = sets.flatMap((set) => set.samples).map(formatRow);
  return alignColumns([["METRIC", "LABELS", "VALUE"], ...rows]);
}

function formatRow(sample: Sample): string[] {
  const { family, labels } = sample;
  const value = isHistogram(sample) ? formatHistogram(sample) : formatQuantity(sample.value, family.unit);
  return [family.name, formatLabels(labels), value];
}

function formatHistogram(sample: HistogramSample): string {
  const count = observationsOf(sample.buckets);
  const parts = [`count ${count}`, `sum ${formatQuantity(sample.sum, sample.family.unit)}`];
  if (count > 0n) {
    parts.push(...PERCENTILES.map((percent) => `p${percent} ${formatPercentile(sample, percent)}`));
  }
  return parts.join(", ");
}

function formatPercentile({ family, bounds, buckets }: HistogramSample, percent: number): string {
  const bound = boundOf(bounds, quantileBucket(buckets, percent)!);
  return bound === undefined
    ? "unknown"
    : `${bound.over ? ">" : "<="} ${formatQuantity(bound.ns, family.unit)}`;
}

function formatQuantity(value: bigint, unit: MetricFamily["unit"]): string {
  if (unit === "1" || value === 0n) return `${value}`;
  const size = value < 0n ? -value : value;
  const [suffix, scale] = DURATIONS.find(([, scale]) => size >= 10n ** BigInt(scale)) ?? ["ns", 0];
  return `${formatScaled(value, scale)}${suffix}`;
}

/** Quoted as in JSON, so that control characters do not reach the terminal. */
function formatLabels(labels: Labels): string {
  return Object.entries(labels).map(([name, value]) => `${name}=${visibleJson(JSON.stringify(value))}`).join(
    " ",
  );
}

function alignColumns(rows: readonly string[][]): string {
  const widths = ["METRIC", "LABELS"].map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0))
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd())
    .map((line) => `${line}\n`)
    .join("");
}
