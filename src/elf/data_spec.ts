/** What global variables an object has. @module */
import { type Btf, BtfKind } from "./btf.ts";
import { type ElfObject, type Section, SymbolType } from "./elf.ts";
import { ObjectError } from "./object_error.ts";

/** A global variable: where it is in its section, in bytes, and the id of its type, 0 if unknown. */
export interface VariableSpec {
  readonly offset: number;
  readonly size: number;
  readonly type: number;
}

/** Global variables, which live in an array map with one value. */
export interface DataSpec {
  /** The section: `.rodata`, `.data`, `.bss` or one of them with a suffix. */
  readonly name: string;
  readonly readOnly: boolean;
  /** Initial content; of the section's size also for `.bss`. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Id of the DATASEC type, 0 if the object has none for it. */
  readonly type: number;
  readonly variables: ReadonlyMap<string, VariableSpec>;
}

const DATA_SECTION = /^\.(rodata|data|bss)(\.|$)/;

/** Most bytes of global data in all: `.bss` has a size but no bytes in the file that bound it. */
const MAX_DATA = 1 << 26;

/** Ids of the types of a section's variables, by name. */
function variableTypes(btf: Btf, id: number): ReadonlyMap<string, number> {
  return new Map(
    btf.types[id]?.variables.map((
      { type },
    ) => [btf.types[type]?.name ?? "", btf.types[type]?.sizeOrType ?? 0]),
  );
}

function parseVariables(
  elf: ElfObject,
  section: Section,
  types: ReadonlyMap<string, number>,
): DataSpec["variables"] {
  const symbols = elf.symbols.filter(({ section: index, name, type }) =>
    index === section.index && name !== "" && type !== SymbolType.SECTION
  );
  return new Map(symbols.map(({ name, value, size }) => {
    if (value + size > section.size) throw new ObjectError(section.name, value, `${name} lies outside`);
    return [name, { offset: value, size, type: types.get(name) ?? 0 }];
  }));
}

/**
 * The global data of an object, a section each.
 *
 * @throws {ObjectError} if there is too much of it, it holds addresses, or a variable lies outside of its section
 */
export function parseData(elf: ElfObject, btf: Btf): DataSpec[] {
  const sections = elf.sections.filter(({ name, size }) => DATA_SECTION.test(name) && size > 0);
  const total = sections.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_DATA) {
    const { name, size } = sections.reduce((a, b) => a.size > b.size ? a : b);
    throw new ObjectError(name, 0, `${size} bytes; all global data may have ${MAX_DATA}`);
  }
  return sections.map((section) => {
    const address = elf.relocations.get(section.index)?.[0];
    if (address !== undefined) {
      throw new ObjectError(section.name, address.offset, "addresses in global data are not supported");
    }
    const content = new Uint8Array(new ArrayBuffer(section.size));
    content.set(section.data);
    const type = btf.types.find(({ kind, name }) => kind === BtfKind.DATASEC && name === section.name)?.id ??
      0;
    return {
      name: section.name,
      readOnly: section.name.startsWith(".rodata"),
      content,
      type,
      variables: parseVariables(elf, section, variableTypes(btf, type)),
    };
  });
}
