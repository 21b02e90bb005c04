/** Where the fields of BTF are. @module */
import { BtfKind, parseBtf } from "../../src/elf/mod.ts";

/** A number in a file. */
export interface Field {
  readonly at: number;
  readonly size: number;
}

/** Fields of one meaning: a value that is found in one makes sense in the others. */
export type FieldGroups = Readonly<Record<string, readonly Field[]>>;

const TYPE_SIZE = 12;

/** Fields of `size` bytes each, one after the other. */
export function fieldsFrom(start: number, count: number, size: number): Field[] {
  return Array.from({ length: count }, (_, index) => ({ at: start + index * size, size }));
}

/** Kinds whose elements have words of these meanings. */
const ELEMENTS: ReadonlyMap<number, readonly string[]> = new Map([
  [BtfKind.STRUCT, ["name", "id", "offset"]],
  [BtfKind.UNION, ["name", "id", "offset"]],
  [BtfKind.DATASEC, ["id", "offset", "size"]],
  [BtfKind.ENUM, ["name", "size"]],
  [BtfKind.ENUM64, ["name", "size", "size"]],
  [BtfKind.FUNC_PROTO, ["name", "id"]],
]);

/** Kinds that have one more part, and the meanings of its words. */
const EXTRA: ReadonlyMap<number, readonly string[]> = new Map([
  [BtfKind.INT, ["encoding"]],
  [BtfKind.ARRAY, ["id", "id", "length"]],
  [BtfKind.VAR, ["linkage"]],
  [BtfKind.DECL_TAG, ["linkage"]],
]);

const HAS_SIZE: ReadonlySet<number> = new Set([
  BtfKind.INT,
  BtfKind.STRUCT,
  BtfKind.UNION,
  BtfKind.ENUM,
  BtfKind.ENUM64,
  BtfKind.FLOAT,
  BtfKind.DATASEC,
]);

/**
 * The fields of BTF, by what they mean.
 *
 * @param blob the BTF, which is well-formed
 * @param base where it begins in its file
 */
export function btfFields(blob: Uint8Array, base = 0): FieldGroups {
  const { types, section } = parseBtf(blob);
  const groups: Record<string, Field[]> = { header: fieldsFrom(base, section.readU32(4) / 4, 4) };
  const add = (meaning: string, at: number, size = 4) =>
    (groups[meaning] ??= []).push({ at: base + at, size });
  for (const { kind, offset, members, variables } of types.slice(1)) {
    add("name", offset);
    add("vlen", offset + 4, 2);
    add("kind", offset + 7, 1);
    add(HAS_SIZE.has(kind) ? "size" : "id", offset + 8);
    const vlen = Math.max(members.length, variables.length, section.readU32(offset + 4) & 0xffff);
    const words = EXTRA.get(kind) ?? Array(vlen).fill(ELEMENTS.get(kind) ?? []).flat();
    words.forEach((meaning, index) => add(meaning, offset + TYPE_SIZE + index * 4));
  }
  const strings = base + section.readU32(4) + section.readU32(16);
  return { ...groups, text: fieldsFrom(strings, section.readU32(20), 1) };
}
