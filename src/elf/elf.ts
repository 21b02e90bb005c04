/**
 * ELF64 relocatable objects for BPF.
 *
 * Format: `man 5 elf`, and the "ELF-64 Object File Format" of System V; BPF's relocation types:
 * Documentation/bpf/llvm_reloc.rst of Linux.
 *
 * @module
 */
import { ByteReader } from "./byte_reader.ts";
import { ObjectError } from "./object_error.ts";

/** Section types and flags that matter here. */
export const SectionType = { PROGBITS: 1, SYMTAB: 2, STRTAB: 3, NOBITS: 8, REL: 9 } as const;
const SHF_EXECINSTR = 4;

/** Symbol bindings. */
export const SymbolBinding = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;

/** STV_INTERNAL and STV_HIDDEN. */
const HIDDEN: readonly number[] = [1, 2];

/** Index of the section of symbols that are defined elsewhere. */
export const SHN_UNDEF = 0;

/** Symbol types. */
export const SymbolType = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3 } as const;

/** A section and its bytes (none for `.bss`). */
export interface Section {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly executable: boolean;
  /** Size in memory; equals `data.length` except for NOBITS. */
  readonly size: number;
  readonly data: Uint8Array;
  readonly link: number;
  readonly info: number;
}

/** A symbol. */
export interface ElfSymbol {
  /** Its name; empty for symbols of sections. */
  readonly name: string;
  /** One of {@linkcode SymbolType}. */
  readonly type: number;
  /** One of {@linkcode SymbolBinding}. */
  readonly binding: number;
  /** Whether only its own object may use it (STV_HIDDEN, STV_INTERNAL). */
  readonly hidden: boolean;
  /** Index of its section; {@linkcode SHN_UNDEF} if it is defined elsewhere. */
  readonly section: number;
  /** Offset in its section. */
  readonly value: number;
  /** Its size in bytes. */
  readonly size: number;
}

/** One relocation: where in its target section, which type, against which symbol. */
export interface Relocation {
  /** Where it applies in its section, in bytes. */
  readonly offset: number;
  /** R_BPF_*; see llvm_reloc.rst. */
  readonly type: number;
  /** What the place refers to. */
  readonly symbol: ElfSymbol;
}

/** A parsed object file. */
export interface ElfObject {
  readonly sections: readonly Section[];
  readonly symbols: readonly ElfSymbol[];
  /** Relocations by the index of the section that they change. */
  readonly relocations: ReadonlyMap<number, readonly Relocation[]>;
}

const EHDR_SIZE = 64;
const SHDR_SIZE = 64;
const SYM_SIZE = 24;
const REL_SIZE = 16;
const ET_REL = 1;
const EM_BPF = 247;

function checkHeader(bytes: Uint8Array): ByteReader {
  const header = new ByteReader(bytes, "ELF header");
  const isElf = bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
  if (!isElf) throw header.error(0, "not an ELF file; compile the program with clang --target=bpf");
  if (header.length < EHDR_SIZE) throw header.error(0, `the file ends after ${header.length} bytes`);
  if (header.readU8(4) !== 2) throw header.error(4, "not a 64-bit ELF file");
  if (header.readU8(5) === 2) {
    throw header.error(5, "the object is big-endian, this machine is not; compile with --target=bpfel");
  }
  if (header.readU8(5) !== 1) throw header.error(5, `unknown byte order ${header.readU8(5)}`);
  if (header.readU16(18) !== EM_BPF) {
    throw header.error(18, `machine ${header.readU16(18)} is not BPF (${EM_BPF}); compile with --target=bpf`);
  }
  if (header.readU16(16) !== ET_REL) throw header.error(16, "not a relocatable object");
  if (header.readU16(58) !== SHDR_SIZE) {
    throw header.error(58, `section headers of ${header.readU16(58)} bytes instead of ${SHDR_SIZE}`);
  }
  return header;
}

function parseSections(file: ByteReader): Section[] {
  const table = file.readSize(40);
  const count = file.readU16(60);
  const namesIndex = file.readU16(62);
  const headers = new ByteReader(file.slice(table, count * SHDR_SIZE), "section headers");
  const bytesOf = (index: number): Uint8Array => {
    const at = index * SHDR_SIZE;
    if (headers.readU32(at + 4) === SectionType.NOBITS) return new Uint8Array();
    const [offset, size] = [headers.readSize(at + 24), headers.readSize(at + 32)];
    if (offset + size > file.length) {
      throw headers.error(at + 24, `section ${index} ends at ${offset + size}, the file at ${file.length}`);
    }
    return file.slice(offset, size);
  };
  if (namesIndex >= count) throw headers.error(0, `no section ${namesIndex} with the section names`);
  const names = new ByteReader(bytesOf(namesIndex), "section names");
  const sections = Array.from({ length: count }, (_, index) => {
    const at = index * SHDR_SIZE;
    return {
      index,
      name: index === 0 ? "" : names.readString(headers.readU32(at)),
      type: headers.readU32(at + 4),
      executable: (headers.readU32(at + 8) & SHF_EXECINSTR) !== 0,
      size: headers.readSize(at + 32),
      data: index === 0 ? new Uint8Array() : bytesOf(index),
      link: headers.readU32(at + 40),
      info: headers.readU32(at + 44),
    };
  });
  // Many headers for the same bytes would make a small file cost without bound.
  const total = sections.reduce((sum, { data }) => sum + data.length, 0);
  if (total > file.length) throw headers.error(0, `sections of ${total} bytes overlap in ${file.length}`);
  return sections;
}

/** Section numbers from here on are reserved (SHN_LORESERVE: absolute, common and the like). */
const SHN_LORESERVE = 0xff00;

function parseSymbols(sections: readonly Section[]): ElfSymbol[] {
  const table = sections.find((section) => section.type === SectionType.SYMTAB);
  if (table === undefined) throw new ObjectError("section headers", 0, "no symbol table");
  const strings = sections[table.link];
  if (strings?.type !== SectionType.STRTAB) throw new ObjectError(table.name, 0, "no string table");
  const names = new ByteReader(strings.data, strings.name);
  const reader = new ByteReader(table.data, table.name);
  return Array.from({ length: Math.floor(reader.length / SYM_SIZE) }, (_, index) => {
    const at = index * SYM_SIZE;
    const section = reader.readU16(at + 6);
    if (section >= sections.length && section < SHN_LORESERVE) {
      throw reader.error(at + 6, `symbol ${index} is in section ${section}, of ${sections.length}`);
    }
    return {
      name: names.readString(reader.readU32(at)),
      type: reader.readU8(at + 4) & 0xf,
      binding: reader.readU8(at + 4) >> 4,
      hidden: HIDDEN.includes(reader.readU8(at + 5) & 3),
      section,
      value: reader.readSize(at + 8),
      size: reader.readSize(at + 16),
    };
  });
}

/**
 * Sections whose relocations change nothing that is read here: in objects with many source lines they outnumber
 * all others by ten to one. libbpf passes them over, too.
 */
const UNLINKED = /^\.(?:BTF\.ext|debug_.*)$/;

function parseRelocations(
  sections: readonly Section[],
  symbols: readonly ElfSymbol[],
): Map<number, Relocation[]> {
  const relocations = new Map<number, Relocation[]>();
  for (const section of sections.filter(({ type }) => type === SectionType.REL)) {
    const target = sections[section.info];
    const reader = new ByteReader(section.data, section.name);
    if (target === undefined) {
      throw reader.error(0, `relocations for section ${section.info}, which is not there`);
    }
    if (UNLINKED.test(target.name)) continue;
    const list = Array.from({ length: Math.floor(reader.length / REL_SIZE) }, (_, index) => {
      const at = index * REL_SIZE;
      const symbol = symbols[reader.readU32(at + 12)];
      const offset = reader.readSize(at);
      if (symbol === undefined) throw reader.error(at + 12, `no symbol ${reader.readU32(at + 12)}`);
      if (offset >= target.size) throw reader.error(at, `offset ${offset} is outside ${target.name}`);
      return { offset, type: reader.readU32(at + 8), symbol };
    });
    const others = relocations.get(target.index);
    if (others === undefined) relocations.set(target.index, list);
    else for (const relocation of list) others.push(relocation);
  }
  return relocations;
}

/**
 * Parses an object file.
 *
 * @param bytes the whole file
 * @returns sections, symbols and relocations; section data is shared with `bytes`
 * @throws {ObjectError} if the file is not a little-endian ELF64 relocatable BPF object, or any table
 *   points outside of it
 */
export function parseElf(bytes: Uint8Array): ElfObject {
  const sections = parseSections(checkHeader(bytes));
  const symbols = parseSymbols(sections);
  return { sections, symbols, relocations: parseRelocations(sections, symbols) };
}
