/** What maps an object asks for. @module */
import {
  type Btf,
  BtfKind,
  BtfLinkage,
  type BtfMember,
  type BtfVariable,
  dataSections,
  linkageOf,
  resolveType,
  sizeOfType,
} from "../btf/btf.ts";
import { type ElfObject, type Relocation, SymbolType } from "../elf.ts";
import { ObjectError } from "../object_error.ts";
import { mapTraits } from "./map_types.ts";

/** A slot of a map of maps, or of programs, that is filled from the start. */
export interface InitialSlot {
  /** Which slot. */
  readonly index: number;
  /** Name of the map or program. */
  readonly name: string;
}

/** A map that an object defines, and the type ids that describe it. */
export interface MapSpec {
  /** Its name in the source. */
  readonly name: string;
  /** One of {@linkcode BpfMapType}. */
  readonly type: number;
  /** Size of a key in bytes. */
  readonly keySize: number;
  /** Size of a value in bytes. */
  readonly valueSize: number;
  /** How many entries it may have; the size in bytes of a ring buffer. */
  readonly maxEntries: number;
  /** Bits of {@linkcode BpfMapFlag} and others of `BPF_F_*`. */
  readonly flags: number;
  /** NUMA node, if `flags` say that there is one (BPF_F_NUMA_NODE). */
  readonly numaNode: number;
  /** What only some types have, the number of hash functions of a bloom filter for example. */
  readonly mapExtra: bigint;
  /** Type id of the key in the object's BTF, 0 if unknown. */
  readonly keyType: number;
  /** Type id of the value, 0 if unknown. */
  readonly valueType: number;
  /** What the maps in a map of maps look like. */
  readonly inner?: MapSpec;
  /** What it holds from the start. */
  readonly slots: readonly InitialSlot[];
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
type Draft = Mutable<MapSpec>;
type Attribute = (spec: Draft, btf: Btf, member: BtfMember) => void;

/** A size may be given twice, by itself and by a type, if both agree. */
function setSize(spec: Draft, field: "keySize" | "valueSize", size: number): void {
  if (spec[field] !== 0 && spec[field] !== size) {
    throw new ObjectError(".maps", 0, `map ${spec.name}: ${field} is both ${spec[field]} and ${size}`);
  }
  spec[field] = size;
}

/** Size of a slot that holds a descriptor. */
const DESCRIPTOR_SIZE = 4;

/** `__array(values, T)` is an array of pointers to T: a map definition, or a function. */
function readValues(spec: Draft, btf: Btf, member: BtfMember): void {
  const array = resolveType(btf, member.type).array;
  const pointer = array === undefined ? undefined : resolveType(btf, array.type);
  const pointee = pointer?.kind === BtfKind.PTR ? resolveType(btf, pointer.sizeOrType) : undefined;
  const holds = mapTraits(spec.type)?.holds;
  const isOfMaps = pointee?.kind === BtfKind.STRUCT && holds === "maps";
  const isOfPrograms = pointee?.kind === BtfKind.FUNC_PROTO && holds === "programs";
  if (pointee === undefined || !(isOfMaps || isOfPrograms)) {
    throw new ObjectError(".maps", 0, `map ${spec.name}: values are neither maps in a map nor programs`);
  }
  setSize(spec, "valueSize", DESCRIPTOR_SIZE);
  if (isOfMaps) spec.inner = parseDefinition(btf, `${spec.name}.inner`, pointee.id, false);
}

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  type: (spec, btf, member) => spec.type = readUint(btf, spec.name, member),
  max_entries: (spec, btf, member) => spec.maxEntries = readUint(btf, spec.name, member),
  map_flags: (spec, btf, member) => spec.flags = readUint(btf, spec.name, member),
  numa_node: (spec, btf, member) => spec.numaNode = readUint(btf, spec.name, member),
  map_extra: (spec, btf, member) => spec.mapExtra = BigInt(readUint(btf, spec.name, member)),
  key_size: (spec, btf, member) => setSize(spec, "keySize", readUint(btf, spec.name, member)),
  value_size: (spec, btf, member) => setSize(spec, "valueSize", readUint(btf, spec.name, member)),
  key: (spec, btf, member) => {
    spec.keyType = readPointee(btf, spec.name, member);
    setSize(spec, "keySize", sizeOfType(btf, spec.keyType));
  },
  value: (spec, btf, member) => {
    spec.valueType = readPointee(btf, spec.name, member);
    setSize(spec, "valueSize", sizeOfType(btf, spec.valueType));
  },
  values: readValues,
  pinning: (spec, btf, member) => {
    if (readUint(btf, spec.name, member) === 0) return;
    throw new ObjectError(".maps", 0, `map ${spec.name}: pinning is not supported; nothing is pinned`);
  },
};

function parseDefinition(btf: Btf, name: string, type: number, mayHaveInner = true): Draft {
  const spec: Draft = {
    name,
    type: 0,
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: 0,
    numaNode: 0,
    mapExtra: 0n,
    keyType: 0,
    valueType: 0,
    slots: [],
  };
  const definition = resolveType(btf, type);
  if (definition.kind !== BtfKind.STRUCT) throw new ObjectError(".maps", 0, `map ${name} is not a structure`);
  const given = new Set<string>();
  for (const member of definition.members) {
    // Many maps may share one definition: without a limit the work is their number times its length.
    if (given.has(member.name)) {
      throw new ObjectError(".maps", 0, `map ${name}: the attribute ${member.name} is there twice`);
    }
    given.add(member.name);
    const attribute = Object.hasOwn(ATTRIBUTES, member.name) ? ATTRIBUTES[member.name] : undefined;
    if (attribute === undefined || (member.name === "values" && !mayHaveInner)) {
      throw new ObjectError(".maps", 0, `map ${name}: the attribute ${member.name} is not supported`);
    }
    attribute(spec, btf, member);
  }
  if (spec.type === 0) throw new ObjectError(".maps", 0, `map ${name} has no type`);
  return spec;
}

/** Where the pointers in the `values` of a definition begin, in bytes. */
function valuesOffset(btf: Btf, type: number): number | undefined {
  const member = resolveType(btf, type).members.find(({ name }) => name === "values");
  return member === undefined ? undefined : member.bitOffset / 8;
}

const POINTER_SIZE = 8;

/** What the initialiser of a map puts into its slots. */
function readSlots(
  elf: ElfObject,
  spec: MapSpec,
  first: number,
  relocations: readonly Relocation[],
): InitialSlot[] {
  const wanted = mapTraits(spec.type)?.holds === "programs"
    ? { noun: "program", isRight: (type: number, _section: string) => type === SymbolType.FUNC }
    : { noun: "map", isRight: (_type: number, section: string) => section === ".maps" };
  return relocations.map(({ offset, symbol }) => {
    const section = elf.sections[symbol.section]?.name ?? "";
    if (offset < first || (offset - first) % POINTER_SIZE !== 0) {
      throw new ObjectError(".maps", offset, `map ${spec.name}: an address outside of its values`);
    }
    if (!wanted.isRight(symbol.type, section) || symbol.name === "") {
      throw new ObjectError(
        ".maps",
        offset,
        `map ${spec.name}: ${symbol.name || section} is no ${wanted.noun}`,
      );
    }
    return { index: (offset - first) / POINTER_SIZE, name: symbol.name };
  });
}

/**
 * What fills each map, by its position among the variables, which are in ascending order. A relocation belongs to
 * the last variable that begins before it, and so to one at most, however variables overlap.
 */
function relocationsByMap(
  variables: readonly BtfVariable[],
  relocations: readonly Relocation[],
): ReadonlyMap<number, readonly Relocation[]> {
  const ascending = relocations.toSorted((a, b) => a.offset - b.offset);
  let position = -1;
  return Map.groupBy(ascending, ({ offset }) => {
    while ((variables[position + 1]?.offset ?? Infinity) <= offset) position++;
    const variable = variables[position];
    return variable !== undefined && offset < variable.offset + variable.size ? position : -1;
  });
}

/** The kernel has one level of maps in maps; here it also keeps a chain of them from using up the stack. */
function checkNesting(specs: readonly MapSpec[]): void {
  const byName = new Map(specs.map((spec) => [spec.name, spec]));
  for (const { name, slots } of specs.filter(({ inner }) => inner !== undefined)) {
    const nested = slots.find((slot) => byName.get(slot.name)?.inner !== undefined);
    if (nested === undefined) continue;
    throw new ObjectError(".maps", 0, `map ${name}: ${nested.name} in it is a map of maps, too`);
  }
}

/**
 * The maps of an object: the variables of its section `.maps`.
 *
 * @throws {ObjectError} if a definition is malformed or uses what is not supported
 */
export function parseMaps(elf: ElfObject, btf: Btf): MapSpec[] {
  const section = dataSections(btf).find(({ name }) => name === ".maps");
  const index = elf.sections.find(({ name }) => name === ".maps")?.index ?? 0;
  const relocations = elf.relocations.get(index) ?? [];
  const variables = section?.variables ?? [];
  const byMap = relocationsByMap(variables, relocations);
  const specs = variables.map(({ type, offset }, position) => {
    const variable = btf.types[type];
    if (variable?.kind !== BtfKind.VAR) {
      throw new ObjectError(".maps", offset, `type ${type} is not a variable`);
    }
    if (linkageOf(btf, variable) === BtfLinkage.STATIC) {
      throw new ObjectError(".maps", offset, `map ${variable.name} is static; make it global`);
    }
    const spec = parseDefinition(btf, variable.name, variable.sizeOrType);
    const inside = byMap.get(position) ?? [];
    if (inside.length > 0) {
      const first = valuesOffset(btf, variable.sizeOrType);
      if (first === undefined) throw new ObjectError(".maps", offset, `map ${variable.name} has no values`);
      spec.slots = readSlots(elf, spec, offset + first, inside);
    }
    return spec;
  });
  checkNesting(specs);
  return specs;
}
