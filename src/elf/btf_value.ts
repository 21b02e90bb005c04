/** Values in C's layout as values of TypeScript, by their types. @module */
import {
  type Btf,
  BtfKind,
  type BtfType,
  enumeratorsOf,
  intEncoding,
  resolveType,
  sizeOfType,
} from "./btf.ts";

/**
 * A value of a C type: integers of up to 32 bits, enumerations and floats as numbers, larger integers and
 * pointers as bigints, `bool` as a boolean, arrays of `char` as texts up to their NUL, other arrays as arrays,
 * structures and unions as objects by the names of their members.
 */
export type BtfValue = number | bigint | boolean | string | readonly BtfValue[] | {
  readonly [name: string]: BtfValue;
};

const POINTER_SIZE = 8;

function readBits(view: DataView, bitOffset: number, bits: number, signed: boolean): bigint {
  let value = 0n;
  const first = Math.floor(bitOffset / 8);
  const last = Math.floor((bitOffset + bits - 1) / 8);
  for (let at = last; at >= first; at--) value = value << 8n | BigInt(view.getUint8(at));
  value >>= BigInt(bitOffset - first * 8);
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function writeBits(view: DataView, bitOffset: number, bits: number, value: bigint): void {
  for (let bit = 0; bit < bits; bit++) {
    const at = bitOffset + bit;
    const mask = 1 << at % 8;
    const byte = view.getUint8(at >> 3);
    view.setUint8(at >> 3, (value >> BigInt(bit) & 1n) === 1n ? byte | mask : byte & ~mask);
  }
}

const LARGEST_NUMBER_BITS = 32;

function isCharArray(btf: Btf, element: number): boolean {
  const type = resolveType(btf, element);
  return type.kind === BtfKind.INT && type.sizeOrType === 1 &&
    (type.name === "char" || intEncoding(btf, type).char);
}

/** A member's name, type, place, and width if it is a bit-field. */
interface Member {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  readonly bitSize: number;
}

function membersOf({ section }: Btf, { members, offset }: BtfType): Member[] {
  const hasBitfields = section.readU32(offset + 4) >>> 31 !== 0;
  return members.map((member, index) => ({
    ...member,
    bitSize: hasBitfields ? section.readU32(offset + 12 + index * 12 + 8) >>> 24 : 0,
  }));
}

function isSigned(btf: Btf, type: BtfType): boolean {
  if (type.kind === BtfKind.INT) return intEncoding(btf, type).signed;
  return btf.section.readU32(type.offset + 4) >>> 31 !== 0;
}

function decodeNumber(btf: Btf, type: BtfType, view: DataView, bitOffset: number, bits: number): BtfValue {
  const value = readBits(view, bitOffset, bits, isSigned(btf, type));
  if (type.kind === BtfKind.INT && intEncoding(btf, type).bool) return value !== 0n;
  return type.sizeOrType * 8 <= LARGEST_NUMBER_BITS ? Number(value) : value;
}

/** `__int128` is the largest. */
const LARGEST_INTEGER = 16;

/** Bits of an integer, an enumeration or a pointer. */
function bitsOf(btf: Btf, type: BtfType, bitSize: number): number {
  if (bitSize > 0) return bitSize;
  const size = type.kind === BtfKind.PTR ? POINTER_SIZE : type.sizeOrType;
  if (size > LARGEST_INTEGER) {
    throw btf.section.error(type.offset, `${type.name} is an integer of ${size} bytes`);
  }
  return size * 8;
}

const decoder = new TextDecoder();

function checkSize(view: DataView, at: number, length: number): void {
  if (at + length <= view.byteLength) return;
  throw new RangeError(`Cannot use ${length} bytes at offset ${at} of a value: ${view.byteLength} are there`);
}

/** Part of the bytes, which may be part of a larger buffer that is none of the value's business. */
function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  checkSize(view, at, length);
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** More are refused: an array of nothing, or types that hold each other, have as many as they like. */
const MOST_PARTS = 1 << 18;

/** Types nested deeper than this hold each other. */
const MAX_DEPTH = 32;

/** Bytes of a value, and how many parts of it have been visited. */
interface Place {
  readonly view: DataView;
  visits: number;
}

function placeOf(bytes: Uint8Array): Place {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), visits: 0 };
}

function visit(btf: Btf, type: BtfType, place: Place, depth: number): void {
  if (depth <= MAX_DEPTH && ++place.visits <= MOST_PARTS) return;
  throw btf.section.error(
    type.offset,
    `type ${type.id} nests too deeply, or has more than ${MOST_PARTS} parts`,
  );
}

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

/** JSON has no bigints. */
function integersAsTexts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function mismatch(type: BtfType, value: BtfValue): TypeError {
  const shown = typeof value === "object" ? JSON.stringify(value, integersAsTexts) : String(value);
  return new TypeError(`Cannot store ${shown} as ${type.name || "a value of this type"}`);
}

function toInteger(btf: Btf, type: BtfType, value: BtfValue, bits: number): bigint {
  if (typeof value === "string" && type.kind !== BtfKind.INT) {
    const named = enumeratorsOf(btf, type).find(([name]) => name === value)?.[1];
    if (named !== undefined) return named;
  }
  const isWhole = typeof value === "bigint" || typeof value === "boolean" || Number.isInteger(value);
  if (!isWhole) throw mismatch(type, value);
  const integer = BigInt(value as number | bigint | boolean);
  const fits = BigInt.asIntN(bits, integer) === integer || BigInt.asUintN(bits, integer) === integer;
  if (!fits) throw new RangeError(`Cannot store ${integer} in ${bits} bits of ${type.name}`);
  return integer;
}

function encodeText(type: BtfType, view: DataView, at: number, length: number, value: string): void {
  const text = new TextEncoder().encode(value);
  if (text.length > length) throw mismatch(type, value);
  const place = bytesAt(view, at, length);
  place.fill(0);
  place.set(text);
}

function encodeAt(
  btf: Btf,
  id: number,
  place: Place,
  bitOffset: number,
  bitSize: number,
  value: BtfValue,
  depth: number,
): void {
  const type = resolveType(btf, id);
  const { view } = place;
  const at = bitOffset / 8;
  visit(btf, type, place, depth);
  switch (type.kind) {
    case BtfKind.INT:
    case BtfKind.ENUM:
    case BtfKind.ENUM64:
    case BtfKind.PTR: {
      const bits = bitsOf(btf, type, bitSize);
      return writeBits(view, bitOffset, bits, toInteger(btf, type, value, bits));
    }
    case BtfKind.FLOAT:
      if (typeof value !== "number") throw mismatch(type, value);
      return type.sizeOrType === 4 ? view.setFloat32(at, value, true) : view.setFloat64(at, value, true);
    case BtfKind.STRUCT:
    case BtfKind.UNION:
      return encodeMembers(btf, type, place, bitOffset, value, depth);
  }
  if (type.array === undefined) throw mismatch(type, value);
  const { type: element, length } = type.array;
  if (typeof value === "string" && isCharArray(btf, element)) {
    return encodeText(type, view, at, length, value);
  }
  if (!Array.isArray(value) || value.length > length) throw mismatch(type, value);
  const stride = sizeOfType(btf, element) * 8;
  value.forEach((item, index) =>
    encodeAt(btf, element, place, bitOffset + index * stride, 0, item, depth + 1)
  );
}

function encodeMembers(
  btf: Btf,
  type: BtfType,
  place: Place,
  bitOffset: number,
  value: BtfValue,
  depth: number,
): void {
  if (typeof value !== "object" || Array.isArray(value)) throw mismatch(type, value);
  const entries = new Map(Object.entries(value));
  const encodeInside = (inside: BtfType, base: number, depth: number): void => {
    for (const { name, type: id, bitOffset: offset, bitSize } of membersOf(btf, inside)) {
      const item = entries.get(name);
      const member = resolveType(btf, id);
      visit(btf, member, place, depth);
      if (name === "") encodeInside(member, base + offset, depth + 1);
      else if (item !== undefined) encodeAt(btf, id, place, base + offset, bitSize, item, depth);
      entries.delete(name);
    }
  };
  encodeInside(type, bitOffset, depth + 1);
  const [unknown] = entries.keys();
  if (unknown !== undefined) {
    throw new RangeError(`Cannot store ${unknown}: ${type.name || "the type"} has no such member`);
  }
}

/**
 * Writes a value over what is there; members and elements that it leaves out stay as they are.
 *
 * @param btf the types
 * @param id the value's type
 * @param bytes where to write; at least as many as the type has
 * @param value a value of that type; an enumerator may be given by its name
 * @throws {ObjectError} if the type is malformed
 * @throws {TypeError} if the value is not of that type
 * @throws {RangeError} if a number does not fit, a member does not exist, or there are fewer bytes
 */
export function encodeValue(btf: Btf, id: number, bytes: Uint8Array, value: BtfValue): void {
  encodeAt(btf, id, placeOf(bytes), 0, 0, value, 0);
}
