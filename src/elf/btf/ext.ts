/**
 * `.BTF.ext`: which function and source line an instruction belongs to, and what CO-RE must change.
 *
 * Format: Documentation/bpf/btf.rst of Linux.
 *
 * @module
 */
import { ByteReader } from "../byte_reader.ts";
import { LINE_WORDS, type LineInfos } from "../code/line_info.ts";
import { BTF_MAGIC } from "./btf.ts";

/** `struct bpf_func_info`, with the instruction's byte offset in its section. */
export interface FuncInfo {
  /** Where the function begins, in bytes. */
  readonly offset: number;
  /** Id of the function in the BTF. */
  readonly type: number;
}

/** `struct bpf_core_relo`, with the instruction's byte offset in its section. */
export interface CoreRelocation {
  /** Where the instruction is, in bytes. */
  readonly offset: number;
  /** Id of the root type in the object's BTF. */
  readonly type: number;
  /** Offset of the access string among the BTF strings. */
  readonly access: number;
  /** `enum bpf_core_relo_kind`. */
  readonly kind: number;
}

/** The records of one program section. */
export interface SectionInfo {
  readonly functions: readonly FuncInfo[];
  readonly lines: LineInfos;
  readonly relocations: readonly CoreRelocation[];
}

const HEADER_SIZE = 24;

/** Where the records of one section are. */
interface Records {
  readonly first: number;
  readonly count: number;
  /** Bytes from one to the next. */
  readonly size: number;
}

const NONE: Records = { first: 0, count: 0, size: 0 };

/** Splits one part into sections. */
function parsePart(
  reader: ByteReader,
  start: number,
  length: number,
  least: number,
): (Records & { readonly name: number })[] {
  if (length === 0) return [];
  const size = reader.readU32(start);
  if (size < least || size % 4 !== 0) throw reader.error(start, `records of ${size} bytes`);
  const end = start + length;
  const sections: (Records & { readonly name: number })[] = [];
  for (let at = start + 4; at < end;) {
    const count = reader.readU32(at + 4);
    const first = at + 8;
    if (first + count * size > end) throw reader.error(at, `${count} records of ${size} bytes do not fit`);
    sections.push({ name: reader.readU32(at), first, count, size });
    at = first + count * size;
  }
  return sections;
}

function readRecords<T>({ first, count, size }: Records, read: (at: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => read(first + index * size));
}

/** Bytes of an object are little-endian, and so is every machine that Deno runs on. */
function readLines(reader: ByteReader, { first, count, size }: Records): LineInfos {
  const words = new Uint32Array(reader.slice(first, count * size).slice().buffer);
  const stride = size / 4;
  if (stride === LINE_WORDS) return words;
  const lines = new Uint32Array(count * LINE_WORDS);
  for (let index = 0; index < count; index++) {
    lines.set(words.subarray(index * stride, index * stride + LINE_WORDS), index * LINE_WORDS);
  }
  return lines;
}

/**
 * Parses a `.BTF.ext` section.
 *
 * @param bytes the section
 * @param strings the strings of `.BTF`
 * @returns the records by name of program section
 * @throws {ObjectError} if a record lies outside of the section
 */
export function parseBtfExt(bytes: Uint8Array, strings: ByteReader): Map<string, SectionInfo> {
  const reader = new ByteReader(bytes, ".BTF.ext");
  if (reader.readU16(0) !== BTF_MAGIC) throw reader.error(0, "no BTF magic");
  const headerLength = reader.readU32(4);
  if (headerLength < HEADER_SIZE) throw reader.error(4, `a header of ${headerLength} bytes`);
  const part = (field: number, least: number): Map<string, Records> => {
    // The CO-RE part came with a header of 32 bytes.
    const length = field + 8 <= headerLength ? reader.readU32(field + 4) : 0;
    const start = length > 0 ? headerLength + reader.readU32(field) : 0;
    if (start + length > reader.length) throw reader.error(field, `a part ends at ${start + length}`);
    const sections = parsePart(reader, start, length, least);
    return new Map(sections.map(({ name, ...records }) => [strings.readString(name), records]));
  };
  const functions = part(8, 8);
  const lines = part(16, 16);
  const relocations = part(24, 16);
  const names = new Set([...functions.keys(), ...lines.keys(), ...relocations.keys()]);
  return new Map([...names].map((name) => [name, {
    functions: readRecords(functions.get(name) ?? NONE, (at) => ({
      offset: reader.readU32(at),
      type: reader.readU32(at + 4),
    })),
    lines: readLines(reader, lines.get(name) ?? NONE),
    relocations: readRecords(relocations.get(name) ?? NONE, (at) => ({
      offset: reader.readU32(at),
      type: reader.readU32(at + 4),
      access: reader.readU32(at + 8),
      kind: reader.readU32(at + 12),
    })),
  }]));
}
