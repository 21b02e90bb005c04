/** Builds object files for tests, section by section; what it writes may be as wrong as a test wants. @module */
import { SectionType } from "./elf.ts";

/** A section to be written. */
export interface TestSection {
  readonly name: string;
  readonly type: number;
  readonly data: Uint8Array;
  readonly flags?: number;
  readonly link?: number;
  readonly info?: number;
  /** The size in the header, if it shall not be that of the data. */
  readonly size?: number;
}

/** A symbol to be written; `info` is binding << 4 | type. */
export interface TestSymbol {
  readonly name: string;
  readonly info: number;
  readonly section: number;
  readonly value: number;
  readonly size: number;
}

const EHDR_SIZE = 64;
const SHDR_SIZE = 64;

function stringTable(texts: readonly string[]): { bytes: Uint8Array; offsetOf: (text: string) => number } {
  const text = `\0${texts.map((text) => `${text}\0`).join("")}`;
  return {
    bytes: new TextEncoder().encode(text),
    offsetOf: (name) => name === "" ? 0 : text.indexOf(`\0${name}\0`) + 1,
  };
}

/** The bytes of relocation entries: offset, type and index of the symbol. */
export function relocationEntries(
  entries: readonly (readonly [offset: number, type: number, symbol: number])[],
): Uint8Array {
  return new Uint8Array(
    Uint32Array.from(entries.flatMap(([offset, type, symbol]) => [offset, 0, type, symbol])).buffer,
  );
}

function symbolEntries(symbols: readonly TestSymbol[], nameOffset: (name: string) => number): Uint8Array {
  const bytes = new Uint8Array((symbols.length + 1) * 24);
  const view = new DataView(bytes.buffer);
  symbols.forEach(({ name, info, section, value, size }, index) => {
    const at = (index + 1) * 24;
    view.setUint32(at, nameOffset(name), true);
    view.setUint8(at + 4, info);
    view.setUint16(at + 6, section, true);
    view.setBigUint64(at + 8, BigInt(value), true);
    view.setBigUint64(at + 16, BigInt(size), true);
  });
  return bytes;
}

/**
 * A BPF object. Its sections have the indexes 1, 2, 3 in the order given; the symbol table and the
 * string table follow them. Symbol 0 is the empty one, so the first given has index 1.
 */
export function buildElf(
  sections: readonly TestSection[],
  symbols: readonly TestSymbol[] = [],
): Uint8Array<ArrayBuffer> {
  const strings = stringTable([
    ...sections.map(({ name }) => name),
    ...symbols.map(({ name }) => name),
    ".symtab",
    ".strtab",
  ]);
  const stringsIndex = sections.length + 2;
  const all: TestSection[] = [
    { name: "", type: 0, data: new Uint8Array() },
    ...sections,
    {
      name: ".symtab",
      type: SectionType.SYMTAB,
      data: symbolEntries(symbols, strings.offsetOf),
      link: stringsIndex,
    },
    { name: ".strtab", type: SectionType.STRTAB, data: strings.bytes },
  ];
  const dataSize = all.reduce((sum, { data }) => sum + data.length, 0);
  const table = EHDR_SIZE + dataSize;
  const bytes = new Uint8Array(table + all.length * SHDR_SIZE);
  const view = new DataView(bytes.buffer);
  // \x7fELF, 64 bits, little-endian, version 1.
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 247, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(58, SHDR_SIZE, true);
  view.setUint16(60, all.length, true);
  view.setUint16(62, stringsIndex, true);
  let offset = EHDR_SIZE;
  all.forEach(({ name, type, data, flags = 0, link = 0, info = 0, size = data.length }, index) => {
    const at = table + index * SHDR_SIZE;
    view.setUint32(at, strings.offsetOf(name), true);
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 8, BigInt(flags), true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, link, true);
    view.setUint32(at + 44, info, true);
    bytes.set(data, offset);
    offset += data.length;
  });
  return bytes;
}

/** Little-endian bytes of 8-byte instructions: code, registers, offset, immediate. */
export function instructionBytes(
  ...instructions: readonly (readonly [code: number, registers: number, offset: number, immediate: number])[]
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(instructions.length * 8);
  const view = new DataView(bytes.buffer);
  instructions.forEach(([code, registers, offset, immediate], index) => {
    view.setUint8(index * 8, code);
    view.setUint8(index * 8 + 1, registers);
    view.setInt16(index * 8 + 2, offset, true);
    view.setInt32(index * 8 + 4, immediate, true);
  });
  return bytes;
}
