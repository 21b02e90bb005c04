/** The integers in a structure, however deeply nested. @module */
import { type Btf, BtfKind, resolveType, sizeOfType } from "./btf.ts";

/** Offset and size of one integer, in bytes. */
export type FlatField = readonly [offset: number, size: number];

function flatten(btf: Btf, id: number, path: string, base: number, fields: Map<string, FlatField>): void {
  const type = resolveType(btf, id);
  if (type.kind === BtfKind.STRUCT) {
    for (const member of type.members) {
      const name = path === "" ? member.name : `${path}.${member.name}`;
      flatten(btf, member.type, name, base + member.bitOffset / 8, fields);
    }
  } else if (type.array !== undefined) {
    const stride = sizeOfType(btf, type.array.type);
    for (let index = 0; index < type.array.length; index++) {
      flatten(btf, type.array.type, `${path}[${index}]`, base + index * stride, fields);
    }
  } else {
    fields.set(path, [base, sizeOfType(btf, id)]);
  }
}

/**
 * Every integer of a structure of the object, by the path a C program would write:
 * `read.buckets[3]`, `fadvise_success`.
 *
 * @param btf the object's BTF
 * @param name the structure's name
 * @throws {ObjectError} if the object has no structure of that name
 */
export function flatLayout(btf: Btf, name: string): ReadonlyMap<string, FlatField> {
  const type = btf.types.find((type) => type.kind === BtfKind.STRUCT && type.name === name);
  if (type === undefined) throw btf.strings.error(0, `there is no structure ${name}`);
  const fields = new Map<string, FlatField>();
  flatten(btf, type.id, "", 0, fields);
  return fields;
}
