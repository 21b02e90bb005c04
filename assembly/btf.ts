// One BTF blob in memory: validation, an index of its types, and accessors.
//
// Format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h of Linux.

import { alloc } from "./memory";

export const enum Kind {
  INT = 1,
  PTR = 2,
  ARRAY = 3,
  STRUCT = 4,
  UNION = 5,
  ENUM = 6,
  FWD = 7,
  TYPEDEF = 8,
  VOLATILE = 9,
  CONST = 10,
  RESTRICT = 11,
  FUNC = 12,
  FUNC_PROTO = 13,
  VAR = 14,
  DATASEC = 15,
  FLOAT = 16,
  DECL_TAG = 17,
  TYPE_TAG = 18,
  ENUM64 = 19,
}

/** Why a blob was refused; the TypeScript side has the texts. */
export const enum BtfError {
  TRUNCATED = -1,
  MAGIC = -2,
  BYTE_ORDER = -3,
  HEADER = -4,
  STRINGS = -5,
  KIND = -6,
  TYPE_END = -7,
  NAME = -8,
  MEMORY = -9,
}

const MAGIC: u16 = 0xeb9f;
const MAGIC_SWAPPED: u16 = 0x9feb;
const HEADER_SIZE: u32 = 24;
const TYPE_SIZE: u32 = 12;

/** struct btf_type: name_off, info, size or type. What follows depends on the kind. */
@unmanaged
export class BtfType {
  name: u32;
  info: u32;
  size: u32;
}

@unmanaged
export class Btf {
  types: usize;
  strings: usize;
  stringsLength: u32;
  /** u32 per type id: offset in `types`; entry 0 is void and unused. */
  index: usize;
  /** Number of types with void, so valid ids are 1 to count - 1. */
  count: u32;
}

/** Byte offset, from the start of the blob, that the last error is about. */
export let errorOffset: u32 = 0;

function fail(error: BtfError, offset: u32): BtfError {
  errorOffset = offset;
  return error;
}

/** Bytes after struct btf_type: a fixed part, and a part for each of the vlen elements; -1: no such kind. */
function extraSize(kind: u32, vlen: u32): i64 {
  switch (kind) {
    case Kind.INT:
    case Kind.VAR:
    case Kind.DECL_TAG:
      return 4;
    case Kind.ARRAY:
      return 12;
    case Kind.STRUCT:
    case Kind.UNION:
    case Kind.DATASEC:
    case Kind.ENUM64:
      return i64(vlen) * 12;
    case Kind.ENUM:
    case Kind.FUNC_PROTO:
      return i64(vlen) * 8;
    case Kind.PTR:
    case Kind.FWD:
    case Kind.TYPEDEF:
    case Kind.VOLATILE:
    case Kind.CONST:
    case Kind.RESTRICT:
    case Kind.FUNC:
    case Kind.FLOAT:
    case Kind.TYPE_TAG:
      return 0;
    default:
      return -1;
  }
}

/** From Linux 7.1 the header has the offset and length of a layout section (struct btf_layout). */
const LAYOUT_HEADER_SIZE: u32 = 32;
const LAYOUT_SIZE: u32 = 4;

/** Bytes after struct btf_type of a kind newer than this code, as the blob itself tells; -1: it does not. */
function laidOutSize(data: usize, headerLength: u32, length: u32, kind: u32, vlen: u32): i64 {
  if (headerLength < LAYOUT_HEADER_SIZE) return -1;
  const layoutOffset = load<u32>(data, 24);
  const layoutLength = load<u32>(data, 28);
  if (u64(headerLength) + layoutOffset + layoutLength > length) return -1;
  if ((kind + 1) * LAYOUT_SIZE > layoutLength || kind == 0) return -1;
  const layout = data + headerLength + layoutOffset + kind * LAYOUT_SIZE;
  return i64(load<u8>(layout)) + i64(vlen) * load<u8>(layout, 1);
}

/** Validates the blob at `data` and indexes it into `btf`: 0, or a BtfError with errorOffset set. */
export function openBtf(btf: Btf, data: usize, length: u32): i32 {
  if (length < HEADER_SIZE) return fail(BtfError.TRUNCATED, length);
  const magic = load<u16>(data);
  if (magic == MAGIC_SWAPPED) return fail(BtfError.BYTE_ORDER, 0);
  if (magic != MAGIC) return fail(BtfError.MAGIC, 0);
  const headerLength = load<u32>(data, 4);
  const typesOffset = load<u32>(data, 8);
  const typesLength = load<u32>(data, 12);
  const stringsOffset = load<u32>(data, 16);
  const stringsLength = load<u32>(data, 20);
  if (headerLength < HEADER_SIZE || headerLength > length) return fail(BtfError.HEADER, 4);
  if (u64(headerLength) + typesOffset + typesLength > length) return fail(BtfError.HEADER, 8);
  if (u64(headerLength) + stringsOffset + stringsLength > length) return fail(BtfError.HEADER, 16);
  const strings = data + headerLength + stringsOffset;
  if (stringsLength == 0 || load<u8>(strings) != 0 || load<u8>(strings + stringsLength - 1) != 0) {
    return fail(BtfError.STRINGS, headerLength + stringsOffset);
  }
  // A type takes at least 12 bytes, so this is never too small.
  const index = alloc((typesLength / TYPE_SIZE + 1) * 4);
  if (index == 0) return fail(BtfError.MEMORY, 0);

  const types = data + headerLength + typesOffset;
  let offset: u32 = 0;
  let count: u32 = 1;
  while (offset < typesLength) {
    const rest = typesLength - offset;
    if (rest < TYPE_SIZE) return fail(BtfError.TYPE_END, u32(types - data) + offset);
    const type = changetype<BtfType>(types + offset);
    let extra = extraSize(kindOf(type), vlenOf(type));
    if (extra < 0) extra = laidOutSize(data, headerLength, length, kindOf(type), vlenOf(type));
    if (extra < 0) return fail(BtfError.KIND, u32(types - data) + offset);
    if (extra > i64(rest - TYPE_SIZE)) return fail(BtfError.TYPE_END, u32(types - data) + offset);
    if (type.name >= stringsLength) return fail(BtfError.NAME, u32(types - data) + offset);
    store<u32>(index + (count << 2), offset);
    offset += TYPE_SIZE + u32(extra);
    count++;
  }
  btf.types = types;
  btf.strings = strings;
  btf.stringsLength = stringsLength;
  btf.index = index;
  btf.count = count;
  return 0;
}

const VOID = changetype<BtfType>(memory.data(16));

/** The type with this id; void if there is none, so that a bad reference ends a walk. */
export function typeOf(btf: Btf, id: u32): BtfType {
  if (id == 0 || id >= btf.count) return VOID;
  return changetype<BtfType>(btf.types + load<u32>(btf.index + (id << 2)));
}

/** Bits 24 to 30; before Linux 7.1 the last two of them were zero. */
export function kindOf(type: BtfType): u32 {
  return (type.info >> 24) & 0x7f;
}

/** Bits 0 to 23; before Linux 7.1 the last eight of them were zero. */
export function vlenOf(type: BtfType): u32 {
  return type.info & 0xffffff;
}

export function kindFlag(type: BtfType): bool {
  return type.info >> 31 != 0;
}

/** Address of what follows struct btf_type. */
export function extraOf(type: BtfType): usize {
  return changetype<usize>(type) + TYPE_SIZE;
}

/** Address of the NUL-terminated string at an offset; the empty string if the offset is outside. */
export function stringAt(btf: Btf, offset: u32): usize {
  return btf.strings + (offset < btf.stringsLength ? offset : u32(0));
}

/** struct btf_member (and with the same layout, in part, the other element kinds). */
@unmanaged
export class Member {
  name: u32;
  type: u32;
  offset: u32;
}

export function memberOf(type: BtfType, position: u32): Member {
  return changetype<Member>(extraOf(type) + position * 12);
}

/** Bit offset of a member: with the kind flag the upper 8 bits are its bit-field size. */
export function memberBitOffset(type: BtfType, member: Member): u32 {
  return kindFlag(type) ? member.offset & 0xffffff : member.offset;
}

/** Bits of a bit-field member, 0 for an ordinary one. */
export function memberBitSize(type: BtfType, member: Member): u32 {
  return kindFlag(type) ? member.offset >> 24 : 0;
}

/** struct btf_array. */
@unmanaged
export class ArrayInfo {
  type: u32;
  indexType: u32;
  length: u32;
}

export function arrayOf(type: BtfType): ArrayInfo {
  return changetype<ArrayInfo>(extraOf(type));
}

/** A chain of modifiers, typedefs and arrays longer than this is a loop. */
const MAX_DEPTH = 32;

/** The id behind const, volatile, restrict, type tags and typedefs; 0 if they form a loop. */
export function skipModifiers(btf: Btf, id: u32): u32 {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = typeOf(btf, id);
    switch (kindOf(type)) {
      case Kind.TYPEDEF:
      case Kind.VOLATILE:
      case Kind.CONST:
      case Kind.RESTRICT:
      case Kind.TYPE_TAG:
        id = type.size;
        break;
      default:
        return id;
    }
  }
  return 0;
}

/** The id of the elements of an array, however many dimensions it has; the type itself if it is none. */
export function elementOf(btf: Btf, id: u32): u32 {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    id = skipModifiers(btf, id);
    const type = typeOf(btf, id);
    if (kindOf(type) != Kind.ARRAY) break;
    id = arrayOf(type).type;
  }
  return id;
}

/** Size of a type in bytes, -1 if it has none. */
export function sizeOf(btf: Btf, id: u32): i64 {
  let elements: u64 = 1;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = typeOf(btf, id);
    switch (kindOf(type)) {
      case Kind.INT:
      case Kind.STRUCT:
      case Kind.UNION:
      case Kind.ENUM:
      case Kind.ENUM64:
      case Kind.DATASEC:
      case Kind.FLOAT:
        return bounded(elements, type.size);
      case Kind.PTR:
        return bounded(elements, 8);
      case Kind.TYPEDEF:
      case Kind.VOLATILE:
      case Kind.CONST:
      case Kind.RESTRICT:
      case Kind.VAR:
      case Kind.DECL_TAG:
      case Kind.TYPE_TAG:
        id = type.size;
        break;
      case Kind.ARRAY:
        elements *= arrayOf(type).length;
        if (elements > u32.MAX_VALUE) return -1;
        id = arrayOf(type).type;
        break;
      default:
        return -1;
    }
  }
  return -1;
}

function bounded(elements: u64, size: u32): i64 {
  const total = elements * size;
  return total > u32.MAX_VALUE ? -1 : i64(total);
}
