/** From instructions to lines of source code. @module */
import type { ByteReader } from "../byte_reader.ts";
import { lineBefore, type LineInfos } from "./line_info.ts";

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
  lines: LineInfos,
  strings: ByteReader,
  offset: number,
): SourceLine | undefined {
  const [, fileName, text, lineColumn] = lineBefore(lines, offset);
  if (fileName === undefined || text === undefined || lineColumn === undefined) return undefined;
  return {
    file: strings.readString(fileName),
    line: lineColumn >>> COLUMN_BITS,
    column: lineColumn & (1 << COLUMN_BITS) - 1,
    text: strings.readText(text).trim(),
  };
}
