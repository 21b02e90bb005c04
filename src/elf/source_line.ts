/** From instructions to lines of source code. @module */
import type { LineInfo } from "./btf_ext.ts";
import type { ByteReader } from "./byte_reader.ts";

/** A line of source code. */
export interface SourceLine {
  /** Name of the file as the compiler was given it. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
  /** The line itself, without the space around it. */
  readonly text: string;
}

const COLUMN_BITS = 10;

/**
 * The line that an instruction comes from.
 *
 * @param lines line info of the program, in ascending order
 * @param strings the strings of the object's BTF
 * @param offset the instruction's offset in bytes
 * @returns the line, or undefined if the program came without line info
 */
export function sourceLineAt(
  lines: readonly LineInfo[],
  strings: ByteReader,
  offset: number,
): SourceLine | undefined {
  const info = lines.findLast((line) => line.offset <= offset);
  if (info === undefined) return undefined;
  return {
    file: strings.readString(info.fileName),
    line: info.lineColumn >>> COLUMN_BITS,
    column: info.lineColumn & (1 << COLUMN_BITS) - 1,
    text: strings.readText(info.text).trim(),
  };
}
