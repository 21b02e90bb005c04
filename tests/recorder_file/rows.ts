/** Rows for tests of the recorder file, and what tells one from another. @module */
import type { Labels, MetricFamily, SampleSet } from "../../src/metrics/mod.ts";
import type { Reporter } from "../../src/recorder/file/mod.ts";
import { type Point, pointsOf } from "../../src/recorder/point.ts";

/** Says nothing. */
export const SILENT: Reporter = { info: () => {}, warn: () => {} };

/** What a report said, in its order. */
export function listening(): Reporter & { readonly said: string[] } {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  return { said, info: say, warn: say };
}

/** How many series a row has. */
const SERIES = 30;

/** Families whose descriptions fill much of a segment, so that few rows go round. */
const FAMILIES: readonly MetricFamily[] = Array.from({ length: SERIES }, (_, index) => ({
  name: `metric_${index}`,
  type: index % 3 === 0 ? "gauge" : "counter",
  help: `Metric ${index}. `.repeat(720),
  unit: index % 2 === 0 ? "1" : "ns",
}));

const LABELS: readonly Labels[] = FAMILIES.map((_, index) => ({ of: `${index}`, kind: "read" }));

/** A row whose values nothing but its number and its source decide. */
export function rowOf(number: number, source = "io"): SampleSet {
  const samples = FAMILIES.map((family, index) => {
    const value = BigInt(number * (index + 1) + source.length);
    return { family, labels: LABELS[index]!, value: family.type === "gauge" ? -value : value };
  });
  return {
    source,
    timeMs: 1_700_000_000_000 + number * 1000,
    monotonicMs: 1_000_000 + number * 1000.5,
    samples,
  };
}

/** What a series is, as a number. */
const known = new Map<string, number>();
const numbers = new WeakMap<Point["series"], number>();

function numberOf({ key, series }: Point): number {
  return numbers.getOrInsertComputed(series, () => {
    const { family, labels } = series;
    return known.getOrInsertComputed(JSON.stringify([key, family, Object.entries(labels)]), () => known.size);
  });
}

/** All that a row has, but for its place on the monotonic clock. */
export function textOf(
  source: string,
  { timeMs, points }: { timeMs: number; points: readonly Point[] },
): string {
  const parts = points.map((point) => `${numberOf(point)}=${point.value}`);
  return `${source} ${timeMs} ${parts.join(" ")}`;
}

/** The text of a row that has not been written yet. */
export function textOfRow(row: SampleSet): string {
  return textOf(row.source, { timeMs: row.timeMs, points: pointsOf(row.samples) });
}
