/** What a dump is made of, in pieces that fit together: from a history in memory, or from a window. @module */
import type { Moment, Series, SourceWindow, TimeRange } from "../metrics/mod.ts";
import { type LaidOutBlock, rowsWithin } from "./history.ts";
import { isSigned } from "./point.ts";

/** Values of one row after the other; undefined where the series was absent. */
export type Values = readonly (bigint | undefined)[];

/** The content of one source. Times and values come in pieces, the same rows in each. */
export interface DumpSource {
  /** What it is: `source`, and `life` where there is one. */
  readonly head: Pick<SourceWindow, "source" | "life">;
  times(clock: keyof Moment): Iterable<readonly number[]>;
  /** Every series, also one that has no value. */
  series(): Iterable<readonly [series: Series, values: Iterable<Values>]>;
}

/** The history of one source at a moment. */
export interface HeldSource {
  readonly source: string;
  readonly life: number | undefined;
  readonly blocks: readonly LaidOutBlock[];
}

/** The rows of a block that belong to a dump. */
interface Excerpt extends LaidOutBlock {
  readonly rows: readonly number[];
}

function valuesOf({ layout, block, rows }: Excerpt, key: string, series: Series): Values {
  const column = layout.get(key)?.column;
  if (column === undefined) return rows.map(() => undefined);
  return rows.map((row) => {
    const value = block.get(column, row);
    return value !== undefined && isSigned(series) ? BigInt.asIntN(64, value) : value;
  });
}

/**
 * A history as what a dump is made of.
 *
 * @param held nothing of it may be given back before the end; rows that are appended from now on are left out
 * @param range the period
 */
export function sourceOfHistory({ source, life, blocks }: HeldSource, range: TimeRange): DumpSource {
  const counted = blocks.map((laidOut) => ({ ...laidOut, count: laidOut.block.rows }));
  let known: readonly Excerpt[] | undefined;
  const excerpts = () =>
    known ??= counted.map(({ count, ...laidOut }) => ({
      ...laidOut,
      rows: rowsWithin(laidOut.block, count, range),
    })).filter(({ rows }) => rows.length > 0);
  return {
    head: { source, ...life !== undefined && { life } },
    times: (clock) => excerpts().map(({ block, rows }) => rows.map((row) => block.time(clock, row))),
    *series() {
      const all = new Map<string, Series>();
      for (const layout of new Set(excerpts().map(({ layout }) => layout))) {
        for (const [key, { series }] of layout) all.set(key, series);
      }
      for (const [key, series] of all) {
        yield [series, excerpts().values().map((excerpt) => valuesOf(excerpt, key, series))];
      }
    },
  };
}

/** A window as what a dump is made of. */
export function sourceOfWindow({ series, timesMs, monotonicMs, ...head }: SourceWindow): DumpSource {
  const times = { timeMs: timesMs, monotonicMs };
  return {
    head,
    times: (clock) => [times[clock]],
    series: () => series.map((one) => [one, [one.values]] as const),
  };
}
