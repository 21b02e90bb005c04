/**
 * Sample sets taken apart into series.
 *
 * @module
 */
import { isHistogram, type Labels, type MetricFamily, type Sample, type SeriesPart } from "../metrics/mod.ts";

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

/** A series with its key. */
type KeyedSeries = Omit<Point, "value">;

/**
 * The series of samples that came before, by their labels and family: to make the keys takes longer than all else.
 * A module that makes new labels each time costs that time each time.
 */
const known = new WeakMap<Labels, WeakMap<MetricFamily, readonly KeyedSeries[]>>();

/**
 * Takes samples apart; a histogram becomes one point for each bucket and one for the sum.
 *
 * @param samples the samples of one set
 * @returns one point for each series
 * @throws {RangeError} if a value does not fit in 64 bits
 */
export function pointsOf(samples: readonly Sample[]): Point[] {
  const points: Point[] = [];
  for (const sample of samples) {
    const series = seriesOf(sample);
    if (isHistogram(sample)) {
      sample.buckets.forEach((value, index) => points.push(pointOf(series[index]!, value)));
      points.push(pointOf(series.at(-1)!, sample.sum));
    } else {
      points.push(pointOf(series[0]!, sample.value));
    }
  }
  return points;
}

/**
 * True if the 64 bits of the series' values have a sign: gauges have, what only grows does not.
 *
 * @param series the series
 */
export function isSigned(series: Series): boolean {
  return series.family.type === "gauge";
}

/** The series of a sample in the order of its points. */
function seriesOf(sample: Sample): readonly KeyedSeries[] {
  const families = known.getOrInsertComputed(sample.labels, () => new WeakMap());
  const before = families.get(sample.family);
  if (before !== undefined && isSameShape(before, sample)) return before;
  const series = keyedSeries(sample);
  families.set(sample.family, series);
  return series;
}

function isSameShape(series: readonly KeyedSeries[], sample: Sample): boolean {
  if (!isHistogram(sample)) return series[0]?.series.part === "value";
  return series.length === sample.buckets.length + 1 &&
    sample.bounds.every((bound, index) => bound === series[index]?.series.upperBound);
}

function keyedSeries(sample: Sample): KeyedSeries[] {
  const { family, labels } = sample;
  const parts: Pick<Series, "part" | "upperBound">[] = !isHistogram(sample)
    ? [{ part: "value", upperBound: undefined }]
    : [
      ...sample.buckets.map((_, index) => ({ part: "bucket" as const, upperBound: sample.bounds[index] })),
      { part: "sum", upperBound: undefined },
    ];
  return parts.map((part) => ({ series: { family, labels, ...part } }))
    .map(({ series }) => ({ key: keyOf(series), series }));
}

function pointOf({ key, series }: KeyedSeries, value: bigint): Point {
  const stored = isSigned(series) ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
  if (stored !== value) {
    throw new RangeError(`Cannot record ${series.family.name}: ${value} does not fit in 64 bits`);
  }
  return { key, series, value };
}

/** The key of a series: the same for the same metric, part and labels. */
export function keyOf({ family, labels, part, upperBound }: Series): string {
  const sorted = Object.keys(labels).sort().flatMap((label) => [label, labels[label]]);
  return JSON.stringify([family.name, part, `${upperBound}`, ...sorted]);
}
