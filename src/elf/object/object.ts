/** An object file as a specification of maps, data and programs; nothing of it exists yet. @module */
import { type Btf, dataSections, parseBtf } from "../btf/btf.ts";
import { parseBtfExt } from "../btf/ext.ts";
import { ByteReader } from "../byte_reader.ts";
import { type ElfObject, parseElf, type Section, SymbolType } from "../elf.ts";
import { ObjectError } from "../object_error.ts";
import { type DataSpec, parseData } from "./data.ts";
import { type ExternSpecs, parseExterns } from "./externs.ts";
import { type MapSpec, parseMaps } from "./maps.ts";
import { type FunctionSpec, parseFunctions, type ProgramSpec } from "./programs.ts";

/** Everything that an object file asks for. */
export interface ObjectSpec {
  /** What the section `license` says. */
  readonly license: string;
  /** Maps that it defines. */
  readonly maps: readonly MapSpec[];
  /** Its global variables. */
  readonly data: readonly DataSpec[];
  /** Functions that the kernel calls. */
  readonly programs: readonly ProgramSpec[];
  /** Functions that programs call. */
  readonly subprograms: readonly FunctionSpec[];
  /** What it expects the kernel to have. */
  readonly externs: ExternSpecs;
  /** Its types. */
  readonly btf: Btf;
  /** The `.BTF` section with sizes and offsets of data sections filled in. */
  readonly btfBytes: Uint8Array<ArrayBuffer>;
  /** Global functions and variables that are hidden. */
  readonly hidden: ReadonlySet<string>;
  /** Section names by index, for relocations. */
  readonly sectionNames: readonly string[];
}

function findSection(elf: ElfObject, name: string): Section {
  const section = elf.sections.find((section) => section.name === name);
  if (section !== undefined) return section;
  throw new ObjectError(name, 0, "the section is missing; compile with clang -g --target=bpf");
}

/** R_BPF_64_ABS32 and R_BPF_64_NODYLD32: the symbol's value is added to 32 bits of data. */
const DATA_RELOCATIONS: ReadonlySet<number> = new Set([3, 4]);

/** A copy of the `.BTF` section with its relocations applied. */
function relocatedBtf(elf: ElfObject, section: Section): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(section.data.length));
  bytes.set(section.data);
  const view = new DataView(bytes.buffer);
  for (const { offset, type, symbol } of elf.relocations.get(section.index) ?? []) {
    if (!DATA_RELOCATIONS.has(type) || offset + 4 > bytes.length) continue;
    view.setUint32(offset, view.getUint32(offset, true) + symbol.value, true);
  }
  return bytes;
}

/**
 * Puts into the `.BTF` section what the compiler leaves to the linker: the size of each data section, and its
 * variables in ascending order as the kernel demands.
 *
 * @param bytes the section that `btf` reads from
 */
function completeBtf(elf: ElfObject, btf: Btf, bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer);
  // Of several sections with one name the first.
  const sections = new Map(elf.sections.toReversed().map((section) => [section.name, section]));
  for (const type of dataSections(btf)) {
    const data = sections.get(type.name);
    if (data !== undefined) view.setUint32(type.offset + 8, data.size, true);
    const first = type.offset + 12;
    const records = type.variables.map((_, index) =>
      bytes.slice(first + index * 12, first + index * 12 + 12)
    );
    const offsetOf = (record: Uint8Array<ArrayBuffer>) => new DataView(record.buffer).getUint32(4, true);
    records.sort((a, b) => offsetOf(a) - offsetOf(b));
    records.forEach((record, index) => bytes.set(record, first + index * 12));
  }
}

const NAMED_TYPES: ReadonlySet<number> = new Set([SymbolType.FUNC, SymbolType.OBJECT]);

/** What libbpf loads and this library does not, by the section's name. */
const UNSUPPORTED: readonly (readonly [section: RegExp, what: string])[] = [
  [/^\??\.?struct_ops(\.|\/|$)/, "struct_ops is not supported"],
  [/^maps(\/|$)/, "legacy map definitions are not supported; define maps with BTF in .maps"],
];

function checkSupported({ sections }: ElfObject): void {
  for (const { name, size } of sections) {
    const what = UNSUPPORTED.find(([section]) => size > 0 && section.test(name))?.[1];
    if (what !== undefined) throw new ObjectError(name, 0, what);
  }
}

/** What people give in place of bytes: a path, what a file was read into, a promise of it. */
function checkBytes(bytes: unknown): void {
  if (bytes instanceof Uint8Array) return;
  const what = Object.prototype.toString.call(bytes).slice("[object ".length, -1);
  throw new TypeError(
    `Cannot parse the object: it takes the file's content as a Uint8Array, and got: ${what}`,
  );
}

/**
 * Parses an object file.
 *
 * @param bytes the whole file: a little-endian ELF64 BPF object with BTF
 * @throws {TypeError} if that is no Uint8Array
 * @throws {ObjectError} if it is malformed, or asks for what is not supported
 */
export function parseObject(bytes: Uint8Array): ObjectSpec {
  checkBytes(bytes);
  const elf = parseElf(bytes);
  checkSupported(elf);
  const btfSection = findSection(elf, ".BTF");
  const btfBytes = relocatedBtf(elf, btfSection);
  const btf = parseBtf(btfBytes);
  completeBtf(elf, btf, btfBytes);
  const ext = elf.sections.find(({ name }) => name === ".BTF.ext");
  const info = ext === undefined ? new Map() : parseBtfExt(ext.data, btf.strings);
  const license = elf.sections.find(({ name }) => name === "license");
  return {
    license: license === undefined ? "" : new ByteReader(license.data, "license").readString(0),
    maps: parseMaps(elf, btf),
    data: parseData(elf, btf),
    ...parseFunctions(elf, info),
    externs: parseExterns(elf, btf),
    btf,
    btfBytes,
    hidden: new Set(
      elf.symbols.filter(({ type, hidden }) => hidden && NAMED_TYPES.has(type)).map(({ name }) => name),
    ),
    sectionNames: elf.sections.map(({ name }) => name),
  };
}
