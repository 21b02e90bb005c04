/** What global variables an object has. @module */
import { type Btf, dataSections } from "../btf/btf.ts";
import { type ElfObject, type ElfSymbol, type Section, SymbolType } from "../elf.ts";
import { ObjectError } from "../object_error.ts";

/** A global variable: where it is in its section, in bytes, and the id of its type, 0 if unknown. */
export interface VariableSpec {
  /** Where it is in its section, in bytes. */
  readonly offset: number;
  /** Its size in bytes. */
  readonly size: number;
  /** Id of its type, 0 if unknown. */
  readonly type: number;
}

/** Global variables, which live in an array map with one value. */
export interface DataSpec {
  /** The section: `.rodata`, `.data`, `.bss` or one of them with a suffix. */
  readonly name: string;
  /** Whether it is constant: `.rodata`. */
  readonly readOnly: boolean;
  /** Initial content; of the section's size also for `.bss`. */
  readonly content: Uint8Array<ArrayBuffer>;
  /** Id of the DATASEC type, 0 if the object has none for it. */
  readonly type: number;
  /** Its variables by name. */
  readonly variables: ReadonlyMap<string, VariableSpec>;
}

const DATA_SECTION = /^\.(rodata|data|bss)(\.|$)/;

/** Most bytes of global data in all: `.bss` has a size but no bytes in the file that bound it. */
const MAX_DATA = 1 << 25;

/** A DATASEC type, and the ids of the types of its variables by name. */
interface SectionTypes {
  readonly id: number;
  readonly variables: ReadonlyMap<string, number>;
}

/** The types of all data sections by name; of several with one name the first. */
function sectionTypes(btf: Btf): ReadonlyMap<string, SectionTypes> {
  const found = dataSections(btf).filter(({ name }) => DATA_SECTION.test(name));
  return new Map(
    found.reverse().map(({ id, name, variables }) => [name, {
      id,
      variables: new Map(
        variables.map(({ type }) => [btf.types[type]?.name ?? "", btf.types[type]?.sizeOrType ?? 0]),
      ),
    }]),
  );
}

function parseVariables(
  section: Section,
  symbols: readonly ElfSymbol[],
  types: SectionTypes | undefined,
): DataSpec["variables"] {
  return new Map(symbols.map(({ name, value, size }) => {
    if (value + size > section.size) throw new ObjectError(section.name, value, `${name} lies outside`);
    return [name, { offset: value, size, type: types?.variables.get(name) ?? 0 }];
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
  const types = sectionTypes(btf);
  const variables = Map.groupBy(
    elf.symbols.filter(({ name, type }) => name !== "" && type !== SymbolType.SECTION),
    ({ section }) => section,
  );
  return sections.map((section) => {
    const address = elf.relocations.get(section.index)?.[0];
    if (address !== undefined) {
      throw new ObjectError(section.name, address.offset, "addresses in global data are not supported");
    }
    const content = new Uint8Array(new ArrayBuffer(section.size));
    content.set(section.data);
    const type = types.get(section.name);
    return {
      name: section.name,
      readOnly: section.name.startsWith(".rodata"),
      content,
      type: type?.id ?? 0,
      variables: parseVariables(section, variables.get(section.index) ?? [], type),
    };
  });
}
