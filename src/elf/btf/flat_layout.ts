/** The integers in a structure, however deeply nested. @module */
import { type Btf, BtfKind, resolveType, sizeOfType } from "./btf.ts";

/** Offset and size of one integer, in bytes. */
export type FlatField = readonly [offset: number, size: number];

/**
 * Most characters of all paths, and elements of all arrays: types that hold each other, or an array in a few bytes
 * of BTF, have as many as they like.
 */
const MAX_SIZE = 1 << 18;

/** Structures nested deeper than this hold each other. */
const MAX_DEPTH = 32;

/** The fields found so far, and what has been counted for them. */
interface Layout {
  readonly fields: Map<string, FlatField>;
  size: number;
}

function flatten(btf: Btf, id: number, path: string, base: number, layout: Layout, depth: number): void {
  const type = resolveType(btf, id);
  layout.size += 1 + path.length + (type.array?.length ?? 0);
  if (depth > MAX_DEPTH || layout.size > MAX_SIZE) {
    throw btf.section.error(type.offset, `type ${id} has too many fields, or itself as one`);
  }
  if (type.kind === BtfKind.STRUCT) {
    for (const member of type.members) {
      const name = path === "" ? member.name : `${path}.${member.name}`;
      flatten(btf, member.type, name, base + member.bitOffset / 8, layout, depth + 1);
    }
  } else if (type.array !== undefined) {
    const stride = sizeOfType(btf, type.array.type);
    for (let index = 0; index < type.array.length; index++) {
      flatten(btf, type.array.type, `${path}[${index}]`, base + index * stride, layout, depth + 1);
    }
  } else {
    layout.fields.set(path, [base, sizeOfType(btf, id)]);
  }
}

/**
 * Every integer of a structure of the object, by the path a C program would write:
 * `read.buckets[3]`, `fadvise_success`.
 *
 * @param btf the object's BTF
 * @param name the structure's name
 * @throws {ObjectError} if the object has no structure of that name, or one that is too large
 */
export function flatLayout(btf: Btf, name: string): ReadonlyMap<string, FlatField> {
  const type = btf.types.find((type) => type.kind === BtfKind.STRUCT && type.name === name);
  if (type === undefined) throw btf.section.error(0, `there is no structure ${name}`);
  const layout = { fields: new Map<string, FlatField>(), size: 0 };
  flatten(btf, type.id, "", 0, layout, 0);
  return layout.fields;
}
