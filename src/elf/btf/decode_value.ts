/** Values in C's layout as values of TypeScript, by their types. @module */
import { type Btf, BtfKind, type BtfType, intEncoding, resolveType, sizeOfType } from "./btf.ts";
import {
  bitsOf,
  bytesAt,
  checkSize,
  isCharArray,
  isSigned,
  membersOf,
  type Place,
  placeOf,
  visit,
} from "./place.ts";

/**
 * A value of a C type: integers of up to 32 bits, enumerations and floats as numbers, larger integers and
 * pointers as bigints, `bool` as a boolean, arrays of `char` as texts up to their NUL, other arrays as arrays,
 * structures and unions as objects by the names of their members.
 *
 * A text loses what is not UTF-8, which becomes U+FFFD, and what comes after the NUL: read the bytes where that
 * matters, for example for keys that are names of processes. {@linkcode BtfInput} takes them back.
 */
export type BtfValue = number | bigint | boolean | string | readonly BtfValue[] | {
  readonly [name: string]: BtfValue;
};

function readBits(view: DataView, bitOffset: number, bits: number, signed: boolean): bigint {
  let value = 0n;
  const first = Math.floor(bitOffset / 8);
  const last = Math.floor((bitOffset + bits - 1) / 8);
  for (let at = last; at >= first; at--) value = value << 8n | BigInt(view.getUint8(at));
  value >>= BigInt(bitOffset - first * 8);
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

const LARGEST_NUMBER_BITS = 32;

function decodeNumber(btf: Btf, type: BtfType, view: DataView, bitOffset: number, bits: number): BtfValue {
  const value = readBits(view, bitOffset, bits, isSigned(btf, type));
  if (type.kind === BtfKind.INT && intEncoding(btf, type).bool) return value !== 0n;
  return type.sizeOrType * 8 <= LARGEST_NUMBER_BITS ? Number(value) : value;
}

const decoder = new TextDecoder();

function decodeAt(
  btf: Btf,
  id: number,
  place: Place,
  bitOffset: number,
  bitSize: number,
  depth: number,
): BtfValue {
  const type = resolveType(btf, id);
  const { view } = place;
  const at = bitOffset / 8;
  visit(btf, type, place, depth);
  switch (type.kind) {
    case BtfKind.INT:
    case BtfKind.ENUM:
    case BtfKind.ENUM64:
      return decodeNumber(btf, type, view, bitOffset, bitsOf(btf, type, bitSize));
    case BtfKind.PTR:
      return view.getBigUint64(at, true);
    case BtfKind.FLOAT:
      return type.sizeOrType === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
    case BtfKind.STRUCT:
    case BtfKind.UNION:
      return Object.fromEntries(
        membersOf(btf, type).flatMap((member) => {
          const value = decodeAt(
            btf,
            member.type,
            place,
            bitOffset + member.bitOffset,
            member.bitSize,
            depth + 1,
          );
          // The members of an anonymous structure belong to the one around it.
          return member.name === "" && typeof value === "object"
            ? Object.entries(value)
            : [[member.name, value]];
        }),
      );
  }
  if (type.array === undefined) {
    throw btf.section.error(type.offset, `a value of type ${type.name || id} cannot be read`);
  }
  const { type: element, length } = type.array;
  if (isCharArray(btf, element)) {
    const bytes = bytesAt(view, at, length);
    const end = bytes.indexOf(0);
    return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
  const size = sizeOfType(btf, element);
  // Before the work, of which an array of nothing has as much as it likes.
  checkSize(view, at, length * size);
  if (size === 0 && length > 0) {
    throw btf.section.error(type.offset, `type ${type.id} is an array of nothing`);
  }
  const values: BtfValue[] = [];
  for (let index = 0; index < length; index++) {
    values.push(decodeAt(btf, element, place, bitOffset + index * size * 8, 0, depth + 1));
  }
  return values;
}

/**
 * Reads a value.
 *
 * @param btf the types
 * @param id the value's type
 * @param bytes at least as many as the type has
 * @throws {ObjectError} if the type has no values, or too many
 * @throws {RangeError} if there are fewer bytes
 */
export function decodeValue(btf: Btf, id: number, bytes: Uint8Array): BtfValue {
  return decodeAt(btf, id, placeOf(bytes), 0, 0, 0);
}
