// Opening a blob: one pass that validates it, indexes its types and finds the wanted names.

import { exhausted, TOO_MUCH_WORK } from "./budget";
import { Btf, BtfType, extraSize, INDEX_SHIFT, Kind, kindOf, TYPE_SIZE, vlenOf } from "./btf";
import { alloc } from "./memory";
import { mayBeWanted, offer } from "./wanted";

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

/** Byte offset, from the start of the blob, that the last error is about. */
export let errorOffset: u32 = 0;

function fail(error: i32, offset: u32): i32 {
  errorOffset = offset;
  return error;
}

/** Bits 24 to 30 of `info` are the kind. */
const KINDS: u32 = 128;

/** Of the kinds known here what follows struct btf_type, as in Btf.sizes; entry 0 is void, which no blob holds. */
const knownSizes = memory.data<i32>([
  -1, // void
  4, // INT
  0, // PTR
  12, // ARRAY
  12 << 8, // STRUCT
  12 << 8, // UNION
  8 << 8, // ENUM
  0, // FWD
  0, // TYPEDEF
  0, // VOLATILE
  0, // CONST
  0, // RESTRICT
  0, // FUNC
  8 << 8, // FUNC_PROTO
  4, // VAR
  12 << 8, // DATASEC
  0, // FLOAT
  4, // DECL_TAG
  0, // TYPE_TAG
  12 << 8, // ENUM64
]);

/** From Linux 7.1 the header has the offset and length of a layout section (struct btf_layout). */
const LAYOUT_HEADER_SIZE: u32 = 32;
const LAYOUT_SIZE: u32 = 4;

/** Fills Btf.sizes: what is known here, and of newer kinds what the blob itself tells. */
function fillSizes(sizes: usize, data: usize, headerLength: u32, length: u32): void {
  const known = (Kind.ENUM64 + 1) * 4;
  memory.copy(sizes, knownSizes, known);
  memory.fill(sizes + known, 0xff, KINDS * 4 - known);
  if (headerLength < LAYOUT_HEADER_SIZE) return;
  const layoutOffset = load<u32>(data, 24);
  const layoutLength = load<u32>(data, 28);
  if (u64(headerLength) + layoutOffset + layoutLength > length) return;
  const layout = data + headerLength + layoutOffset;
  const count = min(KINDS, layoutLength / LAYOUT_SIZE);
  for (let kind: u32 = Kind.ENUM64 + 1; kind < count; kind++) {
    const entry = layout + kind * LAYOUT_SIZE;
    store<u32>(sizes + (kind << 2), u32(load<u8>(entry)) | u32(load<u8>(entry, 1)) << 8);
  }
}

/**
 * Validates the blob at `data`, indexes it into `btf`, and adds its types to the candidates of the names
 * that are wanted: 0, or an error with errorOffset set.
 *
 * @param base the BTF that this one continues, null if it stands alone
 */
export function openBtf(btf: Btf, data: usize, length: u32, base: Btf | null): i32 {
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
  if (!areStrings(strings, stringsLength, base)) return fail(BtfError.STRINGS, headerLength + stringsOffset);

  // A type takes at least 12 bytes, so this is never too small.
  const index = alloc(((typesLength / TYPE_SIZE >> INDEX_SHIFT) + 1) * 4);
  const sizes = alloc(KINDS * 4);
  if (index == 0 || sizes == 0) return fail(BtfError.MEMORY, 0);
  fillSizes(sizes, data, headerLength, length);
  btf.types = data + headerLength + typesOffset;
  btf.strings = strings;
  btf.stringsLength = stringsLength;
  btf.index = index;
  btf.sizes = sizes;
  btf.base = changetype<usize>(base);
  btf.firstId = base ? base.endId : 1;
  btf.firstString = base ? base.firstString + base.stringsLength : 0;
  return openTypes(btf, u32(btf.types - data), typesLength);
}

/** A module's strings go on where the kernel's end, so they need not begin with the empty one. */
function areStrings(strings: usize, length: u32, base: Btf | null): bool {
  if (length == 0) return base !== null;
  return load<u8>(strings + length - 1) == 0 && (base !== null || load<u8>(strings) == 0);
}

function openTypes(btf: Btf, start: u32, length: u32): i32 {
  const types = btf.types;
  const sizes = btf.sizes;
  const index = btf.index;
  const firstString = btf.firstString;
  const stringsLength = btf.stringsLength;
  const strings = btf.strings;
  const baseStrings: usize = btf.base != 0 ? changetype<Btf>(btf.base).strings : 0;
  let position: u32 = 0;
  let offset: u32 = 0;
  while (offset < length) {
    const rest = length - offset;
    if (rest < TYPE_SIZE) return fail(BtfError.TYPE_END, start + offset);
    const type = changetype<BtfType>(types + offset);
    const kind = kindOf(type);
    const size = load<i32>(sizes + (kind << 2));
    if (size < 0) return fail(BtfError.KIND, start + offset);
    const extra = extraSize(size, vlenOf(type));
    if (extra > rest - TYPE_SIZE) return fail(BtfError.TYPE_END, start + offset);
    if ((position & ((1 << INDEX_SHIFT) - 1)) == 0) {
      store<u32>(index + (position >> INDEX_SHIFT << 2), offset);
    }
    const nameOffset = type.name;
    if (nameOffset != 0) {
      let name = strings + nameOffset - firstString;
      if (nameOffset < firstString) name = baseStrings + nameOffset;
      else if (nameOffset - firstString >= stringsLength) return fail(BtfError.NAME, start + offset);
      if (mayBeWanted(name, kind)) {
        if (!offer(btf, btf.firstId + position, name, kind)) return fail(BtfError.MEMORY, start + offset);
        if (exhausted()) return fail(TOO_MUCH_WORK, start + offset);
      }
    }
    offset += TYPE_SIZE + extra;
    position++;
  }
  btf.endId = btf.firstId + position;
  return 0;
}
