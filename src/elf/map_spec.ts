/** What maps an object asks for. @module */
import { type Btf, BtfKind, type BtfMember, resolveType, sizeOfType } from "./btf.ts";
import type { ElfObject, Section } from "./elf.ts";
import { ObjectError } from "./object_error.ts";

/** A map that an object defines, and the type ids that describe it. */
export interface MapSpec {
  readonly name: string;
  /** `enum bpf_map_type`. */
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** Type id of the key in the object's BTF, 0 if unknown. */
  readonly keyType: number;
  /** Type id of the value, 0 if unknown. */
  readonly valueType: number;
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
  /** Variables by name: offset and size in bytes. */
  readonly variables: ReadonlyMap<string, { readonly offset: number; readonly size: number }>;
}

/** `__uint(name, n)` is a pointer to an array of n. */
function readUint(btf: Btf, map: string, member: BtfMember): number {
  const pointer = resolveType(btf, member.type);
  const array = pointer.kind === BtfKind.PTR ? resolveType(btf, pointer.sizeOrType).array : undefined;
  if (array === undefined) throw new ObjectError(".maps", 0, `map ${map}: ${member.name} is not a __uint()`);
  return array.length;
}

/** `__type(name, T)` is a pointer to T. */
function readPointee(btf: Btf, map: string, member: BtfMember): number {
  const pointer = resolveType(btf, member.type);
  if (pointer.kind !== BtfKind.PTR) {
    throw new ObjectError(".maps", 0, `map ${map}: ${member.name} is not a __type()`);
  }
  return pointer.sizeOrType;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Attribute = (spec: Mutable<MapSpec>, btf: Btf, member: BtfMember) => void;

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  type: (spec, btf, member) => spec.type = readUint(btf, spec.name, member),
  max_entries: (spec, btf, member) => spec.maxEntries = readUint(btf, spec.name, member),
  map_flags: (spec, btf, member) => spec.flags = readUint(btf, spec.name, member),
  key_size: (spec, btf, member) => spec.keySize = readUint(btf, spec.name, member),
  value_size: (spec, btf, member) => spec.valueSize = readUint(btf, spec.name, member),
  key: (spec, btf, member) => {
    spec.keyType = readPointee(btf, spec.name, member);
    spec.keySize = sizeOfType(btf, spec.keyType);
  },
  value: (spec, btf, member) => {
    spec.valueType = readPointee(btf, spec.name, member);
    spec.valueSize = sizeOfType(btf, spec.valueType);
  },
};

function parseMap(btf: Btf, name: string, type: number): MapSpec {
  const spec = { name, type: 0, keySize: 0, valueSize: 0, maxEntries: 0, flags: 0, keyType: 0, valueType: 0 };
  const definition = resolveType(btf, type);
  if (definition.kind !== BtfKind.STRUCT) throw new ObjectError(".maps", 0, `map ${name} is not a structure`);
  for (const member of definition.members) {
    const attribute = Object.hasOwn(ATTRIBUTES, member.name) ? ATTRIBUTES[member.name] : undefined;
    if (attribute === undefined) {
      throw new ObjectError(".maps", 0, `map ${name}: the attribute ${member.name} is not supported`);
    }
    attribute(spec, btf, member);
  }
  if (spec.type === 0) throw new ObjectError(".maps", 0, `map ${name} has no type`);
  return spec;
}

/**
 * The maps of an object: the variables of its section `.maps`.
 *
 * @throws {ObjectError} if a definition is malformed or uses what is not supported
 */
export function parseMaps(btf: Btf): MapSpec[] {
  const section = btf.types.find((type) => type.kind === BtfKind.DATASEC && type.name === ".maps");
  return (section?.variables ?? []).map(({ type }) => {
    const variable = btf.types[type];
    if (variable?.kind !== BtfKind.VAR) throw new ObjectError(".maps", 0, `type ${type} is not a variable`);
    return parseMap(btf, variable.name, variable.sizeOrType);
  });
}

const DATA_SECTION = /^\.(rodata|data|bss)(\.|$)/;

/** Most bytes of global data in all: `.bss` has a size but no bytes in the file that bound it. */
const MAX_DATA = 1 << 26;

function parseVariables(elf: ElfObject, section: Section): DataSpec["variables"] {
  const symbols = elf.symbols.filter(({ section: index, name }) => index === section.index && name !== "");
  return new Map(symbols.map(({ name, value, size }) => {
    if (value + size > section.size) throw new ObjectError(section.name, value, `${name} lies outside`);
    return [name, { offset: value, size }];
  }));
}

/**
 * The global data of an object, a section each.
 *
 * @throws {ObjectError} if there is too much of it, or a variable lies outside of its section
 */
export function parseData(elf: ElfObject, btf: Btf): DataSpec[] {
  const sections = elf.sections.filter(({ name, size }) => DATA_SECTION.test(name) && size > 0);
  const total = sections.reduce((sum, { size }) => sum + size, 0);
  if (total > MAX_DATA) {
    const { name, size } = sections.reduce((a, b) => a.size > b.size ? a : b);
    throw new ObjectError(name, 0, `${size} bytes; all global data may have ${MAX_DATA}`);
  }
  return sections.map((section) => {
    const content = new Uint8Array(new ArrayBuffer(section.size));
    content.set(section.data);
    return {
      name: section.name,
      readOnly: section.name.startsWith(".rodata"),
      content,
      type: btf.types.find(({ kind, name }) => kind === BtfKind.DATASEC && name === section.name)?.id ?? 0,
      variables: parseVariables(elf, section),
    };
  });
}
