/** Values of types that are known by name. @module */
import { type Btf, BtfKind } from "./btf.ts";
import { type BtfValue, decodeValue } from "./decode_value.ts";

/** Kinds of types that have values, and names of their own. */
const NAMED_KINDS: ReadonlySet<number> = new Set([
  BtfKind.INT,
  BtfKind.STRUCT,
  BtfKind.UNION,
  BtfKind.ENUM,
  BtfKind.TYPEDEF,
  BtfKind.FLOAT,
  BtfKind.ENUM64,
]);

/**
 * Gives a function that reads values of a type, such as the records of a ring buffer.
 *
 * @param btf the types, of an object its `spec.btf`
 * @param name the type's name: `event` for `struct event`. Compilers leave out types that no map, global variable or
 *   function mentions: `struct event *unused_event;` mentions one
 * @throws {RangeError} if there is no such type
 */
export function decoderFor(btf: Btf, name: string): (bytes: Uint8Array) => BtfValue {
  const id = btf.types.findIndex((type) => NAMED_KINDS.has(type.kind) && type.name === name);
  if (id < 0) throw new RangeError(`Cannot find type ${name}: the object has none of that name with values`);
  return (bytes) => decodeValue(btf, id, bytes);
}
