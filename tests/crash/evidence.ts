/** What a dump of the Flight Recorder says, row by row, and what of it another dump has not. Pure. @module */

/** One life of the target in a dump, as far as tests look at it. */
export interface DumpedLife {
  readonly number: number;
  readonly target: { readonly comm: string; readonly pid?: number; readonly cgroup?: string };
  readonly begin: DumpedMoment;
  readonly end?: DumpedMoment & {
    readonly how: string;
    readonly status?: number;
    readonly signal?: number;
    readonly dumpedCore?: boolean;
  };
}

/** A moment by two clocks. */
export interface DumpedMoment {
  readonly timeMs: number;
  readonly monotonicMs: number;
}

interface DumpedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly part: string;
  readonly upperBound?: string;
  readonly values: readonly (string | null)[];
}

interface DumpedSource {
  readonly source: string;
  readonly life?: number;
  readonly timesMs: readonly number[];
  readonly monotonicMs?: readonly number[];
  readonly series: readonly DumpedSeries[];
}

/** A dump of whatever version; the first has neither lives nor monotonic times. */
export interface Dump {
  readonly version: number;
  readonly lives?: readonly DumpedLife[];
  readonly sources: readonly DumpedSource[];
}

/** What a source recorded at one moment. */
export interface Row {
  readonly source: string;
  readonly life: number | undefined;
  readonly timeMs: number;
  readonly monotonicMs: number | undefined;
  /** Decimal text by series: name, labels, part and bound. */
  readonly values: ReadonlyMap<string, string>;
}

/** Rows by what names them in every dump that has them. */
export type Rows = ReadonlyMap<string, Row>;

function nameOf({ name, labels, part, upperBound = "" }: DumpedSeries): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
  return `${name}{${pairs.join(",")}} ${part} ${upperBound}`.trimEnd();
}

function rowsOfSource({ source, life, timesMs, monotonicMs, series }: DumpedSource): Row[] {
  const named = series.map((one) => [nameOf(one), one.values] as const);
  return timesMs.map((timeMs, index) => {
    const present = named.flatMap(([name, values]) => {
      const value = values[index];
      return value === null || value === undefined ? [] : [[name, value] as const];
    });
    return { source, life, timeMs, monotonicMs: monotonicMs?.[index], values: new Map(present) };
  });
}

/** The rows of a dump in its order. */
export function listRows({ sources }: Dump): Row[] {
  return sources.flatMap(rowsOfSource);
}

/** The rows of a dump by name: two of one source never have one moment, or the later one is missed. */
export function rowsOf(dump: Dump): Rows {
  return new Map(listRows(dump).map((row) => [`${row.source} ${row.monotonicMs ?? row.timeMs}`, row]));
}

function differs(one: Row, other: Row): boolean {
  return one.values.size !== other.values.size ||
    one.values.entries().some(([series, value]) => other.values.get(series) !== value);
}

/** What became of rows. */
export interface Losses {
  /** How many there were. */
  readonly rows: number;
  /** Names of those that are not there any more, and of those that are not the same, value for value. */
  readonly missing: readonly string[];
  readonly changed: readonly string[];
}

/** What of some rows other rows have not. */
export function losses(before: Rows, after: Rows): Losses {
  const names = [...before.keys()];
  const [kept, missing] = [names.filter((name) => after.has(name)), names.filter((name) => !after.has(name))];
  return {
    rows: before.size,
    missing,
    changed: kept.filter((name) => differs(before.get(name)!, after.get(name)!)),
  };
}

/** The sum of a histogram's buckets in a row; undefined if it has none. */
export function countOf(row: Row, histogram: string): number | undefined {
  const buckets = row.values.entries().filter(([series]) => series.startsWith(`${histogram}{} bucket `))
    .toArray();
  return buckets.length === 0 ? undefined : buckets.reduce((sum, [, value]) => sum + Number(value), 0);
}

/** The histogram of read calls. */
export const READ_LATENCY = "ktm_sys_read_latency_seconds";

/** Numbers of the collections that left no row, between the first and the last that did. */
export function missedCollections(rows: readonly Row[]): number[] {
  const numbers = rows.filter(({ source }) => source === "ktm")
    .map(({ values }) => Number(values.get("ktm_collections_total{} value")))
    .toSorted((a, b) => a - b);
  const seen = new Set(numbers);
  const [first = 0, last = -1] = [numbers[0], numbers.at(-1)];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter((number) =>
    !seen.has(number)
  );
}
