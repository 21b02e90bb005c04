/**
 * Samples as points of series, each series with its key.
 *
 * @module
 */
import {
  isOfSeries,
  type Labels,
  type MetricFamily,
  type Sample,
  type Series,
  seriesOf,
  valuesOf,
} from "../metrics/mod.ts";

/** One value of one series. */
export interface Point {
  /** The same for the same series: metric, part and sorted labels. */
  readonly key: string;
  readonly series: Series;
  readonly value: bigint;
}

/** A series with its key. */
type KeyedSeries = Omit<Point, "value">;

/** The series of a sample that came before, with their keys. */
interface Known {
  readonly series: readonly Series[];
  readonly keyed: readonly KeyedSeries[];
}

/**
 * The series of samples that came before, by their labels and family: to make the keys takes longer than all else.
 * A module that makes new labels each time costs that time each time.
 */
const known = new WeakMap<Labels, WeakMap<MetricFamily, Known>>();

/**
 * Takes samples apart; a histogram becomes one point for each bucket and one for the sum.
 *
 * @param samples the samples of one set
 * @returns one point for each series
 * @throws {RangeError} if a value does not fit in 64 bits
 */
export function pointsOf(samples: readonly Sample[]): Point[] {
  return samples.flatMap((sample) => {
    const series = keyedSeriesOf(sample);
    return valuesOf(sample).map((value, index) => pointOf(series[index]!, value));
  });
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
function keyedSeriesOf(sample: Sample): readonly KeyedSeries[] {
  const families = known.getOrInsertComputed(sample.labels, () => new WeakMap());
  const before = families.get(sample.family);
  if (before !== undefined && isOfSeries(sample, before.series)) return before.keyed;
  const series = seriesOf(sample);
  const keyed = series.map((series) => ({ key: keyOf(series), series }));
  families.set(sample.family, { series, keyed });
  return keyed;
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
