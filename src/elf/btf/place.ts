/** Where the parts of a value of C are. @module */
import { type Btf, BtfKind, type BtfType, intEncoding, resolveType } from "./btf.ts";

const POINTER_SIZE = 8;

/** Whether an array of these elements is a text. */
export function isCharArray(btf: Btf, element: number): boolean {
  const type = resolveType(btf, element);
  return type.kind === BtfKind.INT && type.sizeOrType === 1 &&
    (type.name === "char" || intEncoding(btf, type).char);
}

/** A member's name, type, place, and width if it is a bit-field. */
export interface Member {
  readonly name: string;
  readonly type: number;
  readonly bitOffset: number;
  readonly bitSize: number;
}

/** The members of a structure or union. */
export function membersOf({ section }: Btf, { members, offset }: BtfType): Member[] {
  const hasBitfields = section.readU32(offset + 4) >>> 31 !== 0;
  return members.map((member, index) => ({
    ...member,
    bitSize: hasBitfields ? section.readU32(offset + 12 + index * 12 + 8) >>> 24 : 0,
  }));
}

/** Whether an integer or an enumeration has negative values. */
export function isSigned(btf: Btf, type: BtfType): boolean {
  if (type.kind === BtfKind.INT) return intEncoding(btf, type).signed;
  return btf.section.readU32(type.offset + 4) >>> 31 !== 0;
}

/** `__int128` is the largest. */
const LARGEST_INTEGER = 16;

/** Bits of an integer, an enumeration or a pointer. */
export function bitsOf(btf: Btf, type: BtfType, bitSize: number): number {
  if (bitSize > 0) return bitSize;
  const size = type.kind === BtfKind.PTR ? POINTER_SIZE : type.sizeOrType;
  if (size > LARGEST_INTEGER) {
    throw btf.section.error(type.offset, `${type.name} is an integer of ${size} bytes`);
  }
  return size * 8;
}

/** Rejects bytes that lie outside. */
export function checkSize(view: DataView, at: number, length: number): void {
  if (at + length <= view.byteLength) return;
  throw new RangeError(`Cannot use ${length} bytes at offset ${at} of a value: ${view.byteLength} are there`);
}

/** Part of the bytes, which may be part of a larger buffer that is none of the value's business. */
export function bytesAt(view: DataView, at: number, length: number): Uint8Array {
  checkSize(view, at, length);
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}

/** More are refused: an array of nothing, or types that hold each other, have as many as they like. */
const MOST_PARTS = 1 << 18;

/** Types nested deeper than this hold each other. */
const MAX_DEPTH = 32;

/** Bytes of a value, and how many parts of it have been visited. */
export interface Place {
  readonly view: DataView;
  visits: number;
}

/** The place of a value that is not visited yet. */
export function placeOf(bytes: Uint8Array): Place {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), visits: 0 };
}

/** Counts a visit; types that hold each other, or are too large, are rejected. */
export function visit(btf: Btf, type: BtfType, place: Place, depth: number): void {
  if (depth <= MAX_DEPTH && ++place.visits <= MOST_PARTS) return;
  throw btf.section.error(
    type.offset,
    `type ${type.id} nests too deeply, or has more than ${MOST_PARTS} parts`,
  );
}
