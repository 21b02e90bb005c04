/** A file or standard input, as text of a bounded length. @module */
import { openFile, readInto } from "../syscall/mod.ts";

/** What stands for standard input. */
export const STANDARD_INPUT = "-";

const PIECE_BYTES = 2 ** 20;

/** Fills a buffer from its beginning; null at the end of the input. */
type ReadPiece = (buffer: Uint8Array<ArrayBuffer>) => number | null;

function readUpTo(read: ReadPiece, most: number, what: string): string {
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  const buffer = new Uint8Array(new ArrayBuffer(PIECE_BYTES));
  for (let length = 0;;) {
    const count = read(buffer);
    if (count === null || count === 0) return pieces.join("") + decoder.decode();
    length += count;
    if (length > most) throw new RangeError(`Cannot read ${what}: it is longer than ${most} bytes`);
    pieces.push(decoder.decode(buffer.subarray(0, count), { stream: true }));
  }
}

/**
 * Reads a file, or standard input.
 *
 * @param path the file, or `-`
 * @param most bytes
 * @throws {Error} if it cannot be read, or is longer
 */
export function readInput(path: string, most: number): string {
  if (path === STANDARD_INPUT) {
    return readUpTo((buffer) => Deno.stdin.readSync(buffer), most, "standard input");
  }
  using file = openFile(path);
  return readUpTo((buffer) => readInto(file, buffer, path), most, path);
}
