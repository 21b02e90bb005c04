/**
 * A piece of the rings of one source.
 *
 * @module
 */

/** Rows in a block: as many as a 64-bit word has bits to say which of them are present. */
export const ROWS = 64;

/** A column has its rows and after them the word of presence bits. */
const COLUMN_WORDS = ROWS + 1;

/** Which half of which word has the presence bit of a row. */
function presenceIndex(column: number, row: number): number {
  return 2 * (ROWS + column * COLUMN_WORDS + ROWS) + (row >>> 5);
}

/**
 * The bytes that a block takes.
 *
 * @param columns how many series it holds
 */
export function blockBytes(columns: number): number {
  return (ROWS + columns * COLUMN_WORDS) * BigUint64Array.BYTES_PER_ELEMENT;
}

/**
 * Up to 64 rows of timestamps and of the values of any number of series, in one buffer.
 *
 * The rings of a source move together, so they lie side by side: first the timestamps, then for each
 * series its values and a bit for each row that has one.
 */
export class Block {
  #words: BigUint64Array<ArrayBuffer>;
  /** The same buffer for the presence bits, which as bigints would cost more than the values. */
  #halves: Uint32Array<ArrayBuffer>;
  #columns: number;
  #rows = 0;

  /**
   * Makes an empty block.
   *
   * @param columns how many series it holds
   */
  constructor(columns: number) {
    this.#columns = columns;
    this.#words = new BigUint64Array(new ArrayBuffer(blockBytes(columns)));
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

  /**
   * Makes room for more series; they are absent from the rows that are there.
   *
   * @param columns how many series it holds from now on
   */
  widen(columns: number): void {
    this.#words = new BigUint64Array(this.#words.buffer.transfer(blockBytes(columns)));
    this.#halves = new Uint32Array(this.#words.buffer);
    this.#columns = columns;
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
   * @param timeMs whole milliseconds since the Unix epoch
   */
  appendRow(timeMs: bigint): void {
    this.#words[this.#rows++] = timeMs;
  }

  /**
   * Sets a series' value in the last row.
   *
   * @param column which series
   * @param value its 64 bits
   */
  set(column: number, value: bigint): void {
    const start = ROWS + column * COLUMN_WORDS;
    const row = this.#rows - 1;
    this.#words[start + row] = value;
    this.#halves[presenceIndex(column, row)]! |= 1 << row % 32;
  }

  /**
   * The time of a row.
   *
   * @param row one that is there
   * @returns milliseconds since the Unix epoch
   */
  timeMs(row: number): number {
    return Number(BigInt.asIntN(64, this.#words[row] ?? 0n));
  }

  /**
   * A series' value.
   *
   * @param column which series
   * @param row which row
   * @returns its 64 bits as an unsigned integer, or undefined if it was absent
   */
  get(column: number, row: number): bigint | undefined {
    if (column >= this.#columns || (this.#halves[presenceIndex(column, row)]! & 1 << row % 32) === 0) return;
    return this.#words[ROWS + column * COLUMN_WORDS + row];
  }

  /**
   * True if the series is there in any row.
   *
   * @param column which series
   */
  has(column: number): boolean {
    return column < this.#columns && this.#words[ROWS + column * COLUMN_WORDS + ROWS] !== 0n;
  }
}
