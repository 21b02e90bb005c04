/**
 * A dump as text, made bit by bit: in one go, that of a long history would keep the agent from its work for
 * seconds, and take a multiple of the history's memory.
 *
 * @module
 */
import { type Life, type Moment, type Series, type TimeRange, visibleJson } from "../metrics/mod.ts";
import { describeSeries, DUMP_VERSION } from "./dump.ts";
import { type LaidOutBlock, rowsWithin } from "./history.ts";
import { isSigned } from "./point.ts";

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

/** Stands for a row in which a series was absent. */
const ABSENT = "null";

/**
 * The JSON text of what `dumpRecording` makes of the same period.
 *
 * @param lives those that the dump lists
 * @param sources nothing of them may be given back before the end; rows that are appended meanwhile are left out
 * @param range the period
 * @returns pieces of at most some kilobytes, most of which take far less than a millisecond
 */
export function* dumpText(
  lives: readonly Life[],
  sources: readonly HeldSource[],
  range: TimeRange,
): Generator<string> {
  const counted = sources.map(({ blocks, ...source }) => ({
    source,
    blocks: blocks.map((laidOut) => ({ ...laidOut, count: laidOut.block.rows })),
  }));
  yield `{"version":${DUMP_VERSION},"lives":${visibleJson(JSON.stringify(lives))},"sources":[`;
  for (const [index, { source, blocks }] of counted.entries()) {
    const excerpts = blocks.map(({ layout, block, count }) => ({
      layout,
      block,
      rows: rowsWithin(block, count, range),
    })).filter(({ rows }) => rows.length > 0);
    yield `${index > 0 ? "," : ""}${visibleJson(JSON.stringify(source)).slice(0, -1)},"timesMs":[`;
    yield* times(excerpts, "timeMs");
    yield `],"monotonicMs":[`;
    yield* times(excerpts, "monotonicMs");
    yield `],"series":[`;
    yield* allSeries(excerpts);
    yield "]}";
  }
  yield "]}";
}

function* times(excerpts: readonly Excerpt[], clock: keyof Moment): Generator<string> {
  for (const [index, { block, rows }] of excerpts.entries()) {
    yield (index > 0 ? "," : "") + rows.map((row) => block.time(clock, row)).join();
  }
}

function* allSeries(excerpts: readonly Excerpt[]): Generator<string> {
  const known = new Map<string, Series>();
  for (const layout of new Set(excerpts.map(({ layout }) => layout))) {
    for (const [key, { series }] of layout) known.set(key, series);
  }
  let separator = "";
  for (const [key, series] of known) {
    let isThere = false;
    for (const text of oneSeries(excerpts, key, series)) {
      yield isThere ? text : separator + text;
      isThere = true;
    }
    if (isThere) separator = ",";
  }
}

/** Nothing at all if the series has no value. */
function* oneSeries(excerpts: readonly Excerpt[], key: string, series: Series): Generator<string> {
  const isPresent = (text: string) => text !== ABSENT;
  let before = `${visibleJson(JSON.stringify(describeSeries(series))).slice(0, -1)},"values":[`;
  let skipped = 0;
  let isOpen = false;
  for (const excerpt of excerpts) {
    const values = valuesOf(excerpt, key, series);
    if (!isOpen && !values.some(isPresent)) {
      skipped += values.length;
      continue;
    }
    if (!isOpen) before += `${ABSENT},`.repeat(skipped);
    isOpen = true;
    yield before + values.join();
    before = ",";
  }
  if (isOpen) yield "]}";
}

function valuesOf({ layout, block, rows }: Excerpt, key: string, series: Series): string[] {
  const column = layout.get(key)?.column;
  if (column === undefined) return rows.map(() => ABSENT);
  return rows.map((row) => {
    const value = block.get(column, row);
    return value === undefined ? ABSENT : `"${isSigned(series) ? BigInt.asIntN(64, value) : value}"`;
  });
}
