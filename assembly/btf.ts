// The format: one BTF blob in memory, its types by id and its strings by offset.
//
// Format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h of Linux.

export const enum Kind {
  VOID = 0,
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

/** struct btf_type: name_off, info, size or type. What follows depends on the kind. */
@unmanaged
export class BtfType {
  name: u32;
  info: u32;
  size: u32;
}

/**
 * A blob that has been opened. The BTF of a kernel module is split off the kernel's: its ids and its
 * string offsets go on where those of the kernel's BTF end.
 */
@unmanaged
export class Btf {
  types: usize;
  strings: usize;
  stringsLength: u32;
  /** u32 for every INDEX_STEP-th type: its offset in `types`. */
  index: usize;
  /** Id of the first type in `types`; 1, or where the base ends. */
  firstId: u32;
  /** Ids are below this one. */
  endId: u32;
  /** Offset of the first byte of `strings`; 0, or where the base's end. */
  firstString: u32;
  /** The BTF that this one is split off, 0 if none. */
  base: usize;
  /** Number of the module, 0 for what is no module's. */
  module: u32;
  /** For every kind what follows struct btf_type: bytes | bytes of each element << 8; -1: no such kind. */
  sizes: usize;
}

/** An index of all types would be the larger part of what an open blob adds to memory. */
export const INDEX_SHIFT: u32 = 3;

export const TYPE_SIZE: u32 = 12;

/** Bytes after struct btf_type: the size of a kind (see Btf.sizes) with as many elements. */
export function extraSize(size: u32, vlen: u32): u32 {
  return (size & 0xff) + vlen * (size >> 8);
}

const VOID = changetype<BtfType>(memory.data(16));

/** The type with this id; void if there is none, so that a bad reference ends a walk. */
export function typeOf(btf: Btf, id: u32): BtfType {
  if (id < btf.firstId && btf.base != 0) btf = changetype<Btf>(btf.base);
  if (id < btf.firstId || id >= btf.endId) return VOID;
  const position = id - btf.firstId;
  let address = btf.types + load<u32>(btf.index + (position >> INDEX_SHIFT << 2));
  for (let rest = position & ((1 << INDEX_SHIFT) - 1); rest > 0; rest--) {
    const type = changetype<BtfType>(address);
    address += TYPE_SIZE + extraSize(load<u32>(btf.sizes + (kindOf(type) << 2)), vlenOf(type));
  }
  return changetype<BtfType>(address);
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
  if (offset < btf.firstString) btf = changetype<Btf>(btf.base);
  const at = offset - btf.firstString;
  return at < btf.stringsLength ? btf.strings + at : changetype<usize>(VOID);
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

export function isComposite(kind: u32): bool {
  return kind == Kind.STRUCT || kind == Kind.UNION;
}

/** Upper 8 bits of what follows an INT: BTF_INT_SIGNED 1, BTF_INT_CHAR 2, BTF_INT_BOOL 4. */
export function intEncoding(type: BtfType): u32 {
  return load<u32>(extraOf(type)) >> 24 & 0xf;
}

/** Whether an INT is signed. */
export function isSigned(type: BtfType): bool {
  return (intEncoding(type) & 1) != 0;
}

/** Name of an enumerator; `enum` elements are 8 bytes, `enum64` elements 12. */
export function enumeratorName(btf: Btf, type: BtfType, position: u32): usize {
  const stride: u32 = kindOf(type) == Kind.ENUM64 ? 12 : 8;
  return stringAt(btf, load<u32>(extraOf(type) + position * stride));
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
