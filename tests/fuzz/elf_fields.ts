/** Where the fields of an object file are. @module */
import { type ElfObject, parseElf, type Section, SectionType } from "../../src/elf/mod.ts";
import { btfFields, type Field, type FieldGroups, fieldsFrom } from "./btf_fields.ts";

/** A record: offset, size and meaning of each of its fields. */
type Layout = readonly (readonly [offset: number, size: number, meaning: string])[];

const FILE_HEADER: Layout = [
  [4, 1, "file header"],
  [16, 2, "file header"],
  [18, 2, "file header"],
  [40, 8, "file header"],
  [58, 2, "file header"],
  [60, 2, "file header"],
  [62, 2, "file header"],
];
const SECTION_HEADER: Layout = [
  [0, 4, "section name"],
  [4, 4, "section type"],
  [8, 8, "section flags"],
  [24, 8, "section offset"],
  [32, 8, "section size"],
  [40, 4, "section link"],
  [44, 4, "section link"],
];
const SYMBOL: Layout = [
  [0, 4, "symbol name"],
  [4, 1, "symbol type"],
  [5, 1, "symbol visibility"],
  [6, 2, "symbol section"],
  [8, 8, "symbol value"],
  [16, 8, "symbol size"],
];
const RELOCATION: Layout = [[0, 8, "relocation offset"], [8, 4, "relocation type"], [
  12,
  4,
  "relocation symbol",
]];
const INSTRUCTION: Layout = [[0, 1, "code"], [1, 1, "registers"], [2, 2, "jump"], [4, 4, "immediate"]];

const HEADER_SIZE = 64;

function fields(layout: Layout, base: number): [meaning: string, field: Field][] {
  return layout.map(([offset, size, meaning]) => [meaning, { at: base + offset, size }]);
}

function records(layout: Layout, start: number, length: number, size: number) {
  return Array.from({ length: Math.floor(length / size) }, (_, index) => fields(layout, start + index * size))
    .flat();
}

/** Header and records of `.BTF.ext`, all of words. */
function extFields(base: number, length: number): [string, Field][] {
  return fieldsFrom(base, length / 4, 4).map((
    field,
    index,
  ) => [index < 8 ? "ext header" : "ext record", field]);
}

function sectionFields(elf: ElfObject, { name, type, data, executable, index }: Section): [string, Field][] {
  const start = data.byteOffset;
  if (type === SectionType.SYMTAB) return records(SYMBOL, start, data.length, 24);
  if (type === SectionType.REL) return records(RELOCATION, start, data.length, 16);
  if (type === SectionType.STRTAB) return fieldsFrom(start, data.length, 1).map((field) => ["text", field]);
  if (name === ".BTF.ext") return extFields(start, data.length);
  if (!executable) return [];
  // What is around a relocation is what a relocation can go wrong with.
  const relocated = (elf.relocations.get(index) ?? []).map(({ offset }) => offset);
  return [...new Set(relocated.flatMap((offset) => [offset - 8, offset, offset + 8]))]
    .filter((offset) => offset >= 0 && offset + 8 <= data.length)
    .flatMap((offset) => fields(INSTRUCTION, start + offset));
}

/**
 * The fields of an object file, by what they mean.
 *
 * @param file a whole buffer with a well-formed object
 */
export function elfFields(file: Uint8Array<ArrayBuffer>): FieldGroups {
  const elf = parseElf(file);
  const table = Number(new DataView(file.buffer).getBigUint64(40, true));
  const all = [
    ...fields(FILE_HEADER, 0),
    ...records(SECTION_HEADER, table, elf.sections.length * HEADER_SIZE, HEADER_SIZE),
    ...elf.sections.flatMap((section) => sectionFields(elf, section)),
  ];
  const groups = Object.groupBy(all, ([meaning]) => meaning);
  const ofElf = Object.fromEntries(
    Object.entries(groups).map(([meaning, members = []]) => [meaning, members.map(([, field]) => field)]),
  );
  const btf = elf.sections.find(({ name }) => name === ".BTF")!;
  const ofBtf = Object.entries(btfFields(btf.data, btf.data.byteOffset));
  return { ...ofElf, ...Object.fromEntries(ofBtf.map(([meaning, fields]) => [`BTF ${meaning}`, fields])) };
}
