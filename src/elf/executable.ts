/** Where functions are in the files of programs and libraries. @module */
import { ByteReader } from "./byte_reader.ts";

/** Types of sections with symbols: `SHT_DYNSYM` and `SHT_SYMTAB` of `man 5 elf`. */
const SYMBOL_TABLES = [11, 2] as const;

const SECTION_SIZE = 64;
const SYMBOL_SIZE = 24;

/** `STT_FUNC` and `STT_GNU_IFUNC`. */
const FUNCTIONS: ReadonlySet<number> = new Set([2, 10]);

/** Where a section is, in the file and in memory. */
interface SectionPlace {
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  /** Index of the section with its names. */
  readonly link: number;
}

function sectionsOf(file: ByteReader): SectionPlace[] {
  const table = file.readSize(40);
  return Array.from({ length: file.readU16(60) }, (_, index) => {
    const at = table + index * SECTION_SIZE;
    return {
      type: file.readU32(at + 4),
      address: file.readSize(at + 16),
      offset: file.readSize(at + 24),
      size: file.readSize(at + 32),
      link: file.readU32(at + 40),
    };
  });
}

/**
 * The place of a function in a file.
 *
 * @param bytes the file, of this machine's architecture
 * @param name the function's name, as in its symbol
 * @returns the offset of its first instruction in the file; undefined if it defines no such function
 * @throws {ObjectError} if the file is no 64-bit ELF file, or a table points outside of it
 */
export function functionOffset(bytes: Uint8Array, name: string): number | undefined {
  const file = new ByteReader(bytes, "ELF file");
  if (file.readU32(0) !== 0x464c457f || file.readU8(4) !== 2) throw file.error(0, "not a 64-bit ELF file");
  const sections = sectionsOf(file);
  const wanted = new TextEncoder().encode(`${name}\0`);
  for (const table of SYMBOL_TABLES.flatMap((type) => sections.filter((section) => section.type === type))) {
    const names = sections[table.link]?.offset ?? 0;
    for (let at = table.offset; at + SYMBOL_SIZE <= table.offset + table.size; at += SYMBOL_SIZE) {
      const section = sections[file.readU16(at + 6)];
      // Section 0 is none: the symbol is another file's.
      if (!FUNCTIONS.has(file.readU8(at + 4) & 0xf) || section === undefined || section === sections[0]) {
        continue;
      }
      const text = names + file.readU32(at);
      if (!wanted.every((byte, index) => bytes[text + index] === byte)) continue;
      return file.readSize(at + 8) - section.address + section.offset;
    }
  }
}
