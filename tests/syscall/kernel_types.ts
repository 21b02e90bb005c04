/** Layouts and enumerators of the running kernel, from its BTF. @module */
import { type Btf, BtfKind, type BtfType, parseBtf, resolveType, sizeOfType } from "../../src/elf/mod.ts";
import { VMLINUX_BTF } from "../../src/loader/mod.ts";
import { readFile } from "../../src/syscall/mod.ts";

/** Offset and size of a field, in bytes. */
export type Place = readonly [offset: number, size: number];

let parsed: { readonly btf: Btf; readonly bytes: Uint8Array } | undefined;

function kernel(): { readonly btf: Btf; readonly bytes: Uint8Array } {
  if (parsed !== undefined) return parsed;
  const bytes = readFile(VMLINUX_BTF);
  return parsed = { btf: parseBtf(bytes), bytes };
}

function find(name: string, ...kinds: number[]): BtfType {
  const type = kernel().btf.types.find((type) => type.name === name && kinds.includes(type.kind));
  if (type === undefined) throw new Error(`Cannot find ${name}: the kernel's BTF has none`);
  return type;
}

function addMembers(
  type: BtfType,
  base: number,
  fields: Map<string, Place>,
  prefix = "",
): Map<string, Place> {
  const { btf } = kernel();
  for (const { name, type: id, bitOffset } of type.members) {
    const offset = base + bitOffset / 8;
    const inner = resolveType(btf, id);
    if (name !== "") fields.set(prefix + name, [offset, sizeOfType(btf, id)]);
    addMembers(inner, offset, fields, name === "" ? prefix : `${prefix}${name}.`);
  }
  return fields;
}

/** Fields of a structure or union by name, with those of its anonymous members, and of others as `member.field`. */
export function fieldsOf(name: string): ReadonlyMap<string, Place> {
  return addMembers(find(name, BtfKind.STRUCT, BtfKind.UNION), 0, new Map());
}

/** Fields of one member of a structure or union. */
export function fieldsOfMember(name: string, member: string): ReadonlyMap<string, Place> {
  const found = find(name, BtfKind.STRUCT, BtfKind.UNION).members.find((candidate) =>
    candidate.name === member
  );
  if (found === undefined) throw new Error(`Cannot find ${name}.${member}: the kernel's BTF has none`);
  return addMembers(resolveType(kernel().btf, found.type), 0, new Map());
}

/** Fields of each anonymous member of a union. */
export function anonymousAlternatives(name: string): ReadonlyMap<string, Place>[] {
  return find(name, BtfKind.UNION).members.filter((member) => member.name === "")
    .map(({ type }) => addMembers(resolveType(kernel().btf, type), 0, new Map()));
}

function valuesOf({ offset }: BtfType): ReadonlyMap<string, number> {
  const { btf, bytes } = kernel();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint32(offset + 4, true) & 0xffffff;
  const values = new Map<string, number>();
  for (let at = offset + 12; at < offset + 12 + count * 8; at += 8) {
    values.set(btf.strings.readString(view.getUint32(at, true)), view.getInt32(at + 4, true));
  }
  return values;
}

/** Values of an enumeration by the names of its enumerators. */
export function enumerators(name: string): ReadonlyMap<string, number> {
  return valuesOf(find(name, BtfKind.ENUM));
}

/** Values of the enumeration without a name that holds this enumerator. */
export function enumeratorsBeside(enumerator: string): ReadonlyMap<string, number> {
  const nameless = kernel().btf.types.filter(({ kind, name }) => kind === BtfKind.ENUM && name === "");
  const values = nameless.map(valuesOf).find((values) => values.has(enumerator));
  if (values === undefined) throw new Error(`Cannot find ${enumerator}: the kernel's BTF has none`);
  return values;
}
