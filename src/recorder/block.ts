/**
 * A piece of the rings of one source.
 *
 * @module
 */
import type { Moment } from "../metrics/mod.ts";

/** Rows in a block: as many as a 64-bit word has bits to say which of them are present. */
export const ROWS = 64;

/** A row has a time of each clock. */
const CLOCKS: readonly (keyof Moment)[] = ["timeMs", "monotonicMs"];

/**
 * The bytes that a block takes.
 *
 * @param columns how many series it holds
 * @param capacity for how many rows, at most 64
 */
export function blockBytes(columns: number, capacity = ROWS): number {
  return (CLOCKS.length * capacity + columns * (capacity + 1)) * BigUint64Array.BYTES_PER_ELEMENT;
}

/**
 * Up to 64 rows of timestamps and of the values of any number of series, in one buffer.
 *
 * The rings of a source move together, so they lie side by side: first the timestamps of each clock, then for each
 * series its values and a bit for each row that has one.
 */
export class Block {
  #words: BigUint64Array<ArrayBuffer>;
  /** The same buffer for the presence bits, which as bigints would cost more than the values. */
  #halves: Uint32Array<ArrayBuffer>;
  #columns: number;
  readonly #capacity: number;
  #rows = 0;

  /**
   * Makes an empty block.
   *
   * @param columns how many series it holds
   * @param capacity for how many rows, at most 64
   */
  constructor(columns: number, capacity = ROWS) {
    this.#columns = columns;
    this.#capacity = capacity;
    this.#words = new BigUint64Array(new ArrayBuffer(blockBytes(columns, capacity)));
    this.#halves = new Uint32Array(this.#words.buffer);
  }

  /** The size of the buffer. */
  get byteLength(): number {
    return this.#words.buffer.byteLength;
  }

  /** The rows that are there. */
  get rows(): number {
    return this.#rows;
  }

  /** Whether no further row fits. */
  get isFull(): boolean {
    return this.#rows === this.#capacity;
  }

  /**
   * Makes room for more series; they are absent from the rows that are there.
   *
   * @param columns how many series it holds from now on
   */
  widen(columns: number): void {
    this.#words = new BigUint64Array(this.#words.buffer.transfer(blockBytes(columns, this.#capacity)));
    this.#halves = new Uint32Array(this.#words.buffer);
    this.#columns = columns;
  }

  /** A block of the same content with no room for further rows. */
  trimmed(): Block {
    const block = new Block(this.#columns, this.#rows);
    for (let row = 0; row < this.#rows; row++) {
      block.appendRow(this.moment(row));
      for (let column = 0; column < this.#columns; column++) {
        const value = this.get(column, row);
        if (value !== undefined) block.set(column, value);
      }
    }
    return block;
  }

  /**
   * Gives the buffer back at once; left to the garbage collector, it would for a while come on top of the
   * memory limit. The block is not used afterwards.
   */
  release(): void {
    this.#words.buffer.transfer(0);
  }

  /**
   * Appends a row in which all series are absent.
   *
   * @param moment its fractions of milliseconds are cut off
   */
  appendRow(moment: Moment): void {
    const row = this.#rows++;
    CLOCKS.forEach((clock, index) =>
      this.#words[index * this.#capacity + row] = BigInt(Math.trunc(moment[clock]))
    );
  }

  /**
   * Sets a series' value in the last row.
   *
   * @param column which series
   * @param value its 64 bits
   */
  set(column: number, value: bigint): void {
    const row = this.#rows - 1;
    this.#words[this.#start(column) + row] = value;
    this.#halves[this.#presenceIndex(column, row)]! |= 1 << row % 32;
  }

  /**
   * The time of a row by a clock.
   *
   * @param clock which clock
   * @param row one that is there
   * @returns milliseconds
   */
  time(clock: keyof Moment, row: number): number {
    return Number(BigInt.asIntN(64, this.#words[CLOCKS.indexOf(clock) * this.#capacity + row] ?? 0n));
  }

  /** The time of a row that is there. */
  moment(row: number): Moment {
    return { timeMs: this.time("timeMs", row), monotonicMs: this.time("monotonicMs", row) };
  }

  /**
   * A series' value.
   *
   * @param column which series
   * @param row which row
   * @returns its 64 bits as an unsigned integer, or undefined if it was absent
   */
  get(column: number, row: number): bigint | undefined {
    if (column >= this.#columns) return;
    if ((this.#halves[this.#presenceIndex(column, row)]! & 1 << row % 32) === 0) return;
    return this.#words[this.#start(column) + row];
  }

  /**
   * True if the series is there in any row.
   *
   * @param column which series
   */
  has(column: number): boolean {
    return column < this.#columns && this.#words[this.#start(column) + this.#capacity] !== 0n;
  }

  /** The word at which a series begins: its values, and after them the presence bits. */
  #start(column: number): number {
    return CLOCKS.length * this.#capacity + column * (this.#capacity + 1);
  }

  /** Which half of which word has the presence bit of a row. */
  #presenceIndex(column: number, row: number): number {
    return 2 * (this.#start(column) + this.#capacity) + (row >>> 5);
  }
}
