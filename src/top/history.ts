/** The ticks of the last minutes, as few numbers each. @module */
import { type Activity, CALLS, type Rate } from "./activity.ts";
import { quantile } from "./latency.ts";

/** What sparklines are made of. */
export const SERIES = {
  "reads/s": ({ calls }) => sum(CALLS.map((call) => calls[call].calls)),
  "p99": ({ calls }) => highest(CALLS.map((call) => latencyOf(calls[call].latency))),
  "misses/s": ({ rates }) => rates.misses,
  "stall": ({ rates }) => sum([rates.directStall, rates.memcgStall]),
} as const satisfies Readonly<Record<string, (activity: Activity) => Rate>>;

/** The name of a sparkline. */
export type SeriesName = keyof typeof SERIES;

/** One tick. */
export type Point = Readonly<Record<SeriesName, Rate>>;

/** Ticks from the oldest on, the last of which has the number `count - 1`. */
export interface History {
  readonly points: readonly Point[];
  /** How many ticks there have ever been. */
  readonly count: number;
}

/** How far back the sparklines reach, if the interval is short enough to fill them. */
const SPAN_MS = 180_000;

/** Ticks that are kept for the widest screen at any interval. */
const FEWEST_KEPT = 1024;

/** No ticks. */
export const NO_HISTORY: History = { points: [], count: 0 };

function sum(values: readonly Rate[]): Rate {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
}

function highest(values: readonly Rate[]): Rate {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function latencyOf(latency: Parameters<typeof quantile>[0] | undefined): Rate {
  const bound = latency && quantile(latency, 99);
  return bound && Number(bound.ns);
}

/** The history with one more tick. */
export function withTick({ points, count }: History, activity: Activity, intervalMs: number): History {
  const entries = Object.entries(SERIES).map(([name, measure]) => [name, measure(activity)]);
  const kept = Math.max(FEWEST_KEPT, Math.ceil(SPAN_MS / intervalMs));
  return {
    points: [...points.slice(1 - kept), Object.fromEntries(entries) as Point],
    count: count + 1,
  };
}

/** How many ticks share a column of a sparkline. */
export function ticksInColumn(width: number, intervalMs: number): number {
  return Math.max(1, Math.ceil(SPAN_MS / intervalMs / width));
}

/**
 * A series in columns, the newest last, each the highest of its ticks. A tick stays in its column while that
 * moves to the left.
 *
 * @param history where from
 * @param name which series
 * @param width columns
 * @param perColumn ticks in a column
 */
export function columnsOf(history: History, name: SeriesName, width: number, perColumn: number): Rate[] {
  const newest = Math.floor((history.count - 1) / perColumn);
  const columns = Array.from({ length: width }, (): number[] => []);
  for (const [index, point] of history.points.entries()) {
    const tick = history.count - history.points.length + index;
    const value = point[name];
    if (value !== undefined) columns[width - 1 - newest + Math.floor(tick / perColumn)]?.push(value);
  }
  return columns.map(highest);
}
