/**
 * The rings of one source.
 *
 * @module
 */
import { Block, blockBytes } from "./block.ts";
import { isSigned, type Point } from "./point.ts";
import type { Moment, Series, SeriesWindow, SourceWindow, TimeRange } from "../metrics/mod.ts";

/** The column of each series by the series' key; only appended to, because blocks in a row share it. */
type Layout = Map<string, { readonly column: number; readonly series: Series }>;

/** A block with the series that it holds. */
export interface LaidOutBlock {
  readonly layout: Layout;
  readonly block: Block;
}

/** Blocks that keep what they hold until this is disposed, also if the history drops them. */
export interface HeldBlocks extends Disposable {
  /** The oldest first; rows may be appended to the last one. */
  readonly blocks: readonly LaidOutBlock[];
}

/**
 * A timestamp ring, and a ring for each series, that grow and shrink by a block at a time.
 *
 * A series that is new widens the newest block; one that was absent from a whole block has no place in the
 * next. So only series that are there take memory.
 */
export class History {
  readonly #blocks: LaidOutBlock[] = [];
  #holders = 0;

  /** Milliseconds of the monotonic clock of the oldest row, undefined if there is none. */
  get oldestMs(): number | undefined {
    return this.#blocks[0]?.block.time("monotonicMs", 0);
  }

  /** Milliseconds of the monotonic clock of the last row of the oldest block, undefined if there is none. */
  get oldestEndMs(): number | undefined {
    const block = this.#blocks[0]?.block;
    return block?.time("monotonicMs", block.rows - 1);
  }

  /** Whether there is no row. */
  get isEmpty(): boolean {
    return this.#blocks.length === 0;
  }

  /** The size of all buffers. */
  get byteLength(): number {
    return this.#blocks.reduce((sum, { block }) => sum + block.byteLength, 0);
  }

  /**
   * By how many bytes the buffers grow if a row is appended.
   *
   * @param points the row, at most one of each series
   */
  growth(points: readonly Point[]): number {
    const open = this.#open();
    if (!open) return blockBytes(this.#nextLayout(points).size);
    const added = points.filter(({ key }) => !open.layout.has(key)).length;
    return blockBytes(open.layout.size + added) - open.block.byteLength;
  }

  /**
   * Appends one row.
   *
   * @param moment when
   * @param points at most one of each series
   */
  append(moment: Moment, points: readonly Point[]): void {
    const { layout, block } = this.#open() ?? this.#addBlock(points);
    const columns = points.map((point) => columnOf(layout, point));
    if (block.byteLength < blockBytes(layout.size)) block.widen(layout.size);
    block.appendRow(moment);
    columns.forEach((column, index) => block.set(column, points[index]!.value));
  }

  /** Drops the oldest block. */
  dropOldest(): void {
    const dropped = this.#blocks.shift();
    if (this.#holders === 0) dropped?.block.release();
  }

  /** Gives the room for further rows back: none will come. */
  close(): void {
    const newest = this.#open();
    if (newest === undefined) return;
    this.#blocks.splice(-1, 1, { layout: newest.layout, block: newest.block.trimmed() });
    if (this.#holders === 0) newest.block.release();
  }

  /** Holds what is there now, to be read bit by bit while more is recorded. */
  hold(): HeldBlocks {
    this.#holders++;
    return { blocks: [...this.#blocks], [Symbol.dispose]: () => void this.#holders-- };
  }

  /**
   * Reads a period back.
   *
   * @param range the period
   * @returns the timestamps in the period, and each series that has a value there
   */
  window(range: TimeRange): Pick<SourceWindow, "timesMs" | "monotonicMs" | "series"> {
    const parts = this.#blocks.map(({ layout, block }) => ({
      layout,
      block,
      rows: rowsWithin(block, block.rows, range),
    }));
    const times = (clock: keyof Moment) =>
      parts.flatMap(({ block, rows }) => rows.map((row) => block.time(clock, row)));
    const [timesMs, monotonicMs] = [times("timeMs"), times("monotonicMs")];
    const found = new Map<string, SeriesWindow & { readonly values: (bigint | undefined)[] }>();
    let start = 0;
    for (const { layout, block, rows } of parts) {
      for (const [key, { column, series }] of layout) {
        for (const [index, row] of rows.entries()) {
          const value = block.get(column, row);
          if (value === undefined) continue;
          const { values } = found.getOrInsertComputed(key, () => emptyWindow(series, timesMs.length));
          values[start + index] = isSigned(series) ? BigInt.asIntN(64, value) : value;
        }
      }
      start += rows.length;
    }
    return { timesMs, monotonicMs, series: [...found.values()] };
  }

  #open(): LaidOutBlock | undefined {
    const newest = this.#blocks.at(-1);
    return newest?.block.isFull ? undefined : newest;
  }

  #addBlock(points: readonly Point[]): LaidOutBlock {
    const layout = this.#nextLayout(points);
    const added = { layout, block: new Block(layout.size) };
    this.#blocks.push(added);
    return added;
  }

  /** The series of the newest block and of the row that comes. */
  #nextLayout(points: readonly Point[]): Layout {
    const newest = this.#blocks.at(-1);
    const kept = [...newest?.layout ?? []].filter(([_, { column }]) => newest?.block.has(column));
    if (newest && kept.length === newest.layout.size && points.every(({ key }) => newest.layout.has(key))) {
      return newest.layout;
    }
    const layout: Layout = new Map(kept.map(([key, { series }], column) => [key, { column, series }]));
    for (const point of points) columnOf(layout, point);
    return layout;
  }
}

function columnOf(layout: Layout, { key, series }: Point): number {
  const place = layout.get(key) ?? { column: layout.size, series };
  if (place.column === layout.size) layout.set(key, place);
  return place.column;
}

/**
 * The rows of a block that belong to a period.
 *
 * @param block the block
 * @param count the rows that are looked at, from the first on
 * @param range the period
 */
export function rowsWithin(
  block: Block,
  count: number,
  { clock = "timeMs", fromMs = -Infinity, toMs = Infinity }: TimeRange,
): number[] {
  return Array.from({ length: count }, (_, row) => row)
    .filter((row) => block.time(clock, row) >= fromMs && block.time(clock, row) <= toMs);
}

function emptyWindow(
  series: Series,
  length: number,
): SeriesWindow & { readonly values: (bigint | undefined)[] } {
  return { ...series, values: new Array<bigint | undefined>(length).fill(undefined) };
}
