/**
 * Source lines of instructions, as records in one array: an object has thousands, and all that happens to them is
 * that they are cut out and moved.
 *
 * @module
 */

import { firstIndex } from "./first_index.ts";

/** Words of a record. */
export const LINE_WORDS = 4;

/**
 * Records as `struct bpf_line_info` has them, but with the instruction's offset in bytes: offset, name of the file,
 * text, line number << 10 | column. Names and texts are offsets among the BTF strings.
 */
export type LineInfos = Uint32Array<ArrayBuffer>;

/** Index of the first word of the first record at `offset` or later. */
function lowerBound(lines: LineInfos, offset: number): number {
  return LINE_WORDS * firstIndex(lines.length / LINE_WORDS, (line) => lines[line * LINE_WORDS]! < offset);
}

/** The records in ascending order of their offsets. */
export function ascendingLines(lines: LineInfos): LineInfos {
  let at = LINE_WORDS;
  while (at < lines.length && lines[at]! >= lines[at - LINE_WORDS]!) at += LINE_WORDS;
  if (at >= lines.length) return lines;
  const order = Array.from({ length: lines.length / LINE_WORDS }, (_, index) => index * LINE_WORDS);
  order.sort((a, b) => lines[a]! - lines[b]!);
  return Uint32Array.from(order.flatMap((at) => [...lines.subarray(at, at + LINE_WORDS)]));
}

/** A copy of the records with their offsets moved by `distance`. */
export function movedLines(lines: LineInfos, distance: number): LineInfos {
  const moved = lines.slice();
  if (distance === 0) return moved;
  for (let at = 0; at < moved.length; at += LINE_WORDS) moved[at]! += distance;
  return moved;
}

/** The records from `start` on, in ascending order, that are before `end`, counted from `start`. */
export function linesWithin(lines: LineInfos, start: number, end: number): LineInfos {
  // Of most sections all records are those of its first function, the only one.
  if (start === 0 && (lines.at(-LINE_WORDS) ?? 0) < end) return lines;
  return movedLines(lines.subarray(lowerBound(lines, start), lowerBound(lines, end)), -start);
}

/** The last record at `offset` or before it, of records in ascending order; empty if there is none. */
export function lineBefore(lines: LineInfos, offset: number): LineInfos {
  const end = lowerBound(lines, offset + 1);
  return lines.subarray(Math.max(end - LINE_WORDS, 0), end);
}
