// Names: comparison with flavours cut off, and the one scan that finds all wanted names in a blob.

import { Btf, Kind, kindOf, stringAt, typeOf } from "./btf";
import { alloc } from "./memory";

const UNDERSCORE: u8 = 0x5f;

/** Bytes before the NUL. */
export function lengthOf(name: usize): u32 {
  let length: u32 = 0;
  while (load<u8>(name + length) != 0) length++;
  return length;
}

/**
 * Bytes of a name without its flavour, which is all from the last `___` that has a character before
 * and one after it.
 */
export function essentialLength(name: usize): u32 {
  const length = lengthOf(name);
  for (let end = i32(length) - 5; end >= 0; end--) {
    if (isFlavour(name + end)) return u32(end) + 1;
  }
  return length;
}

/** True at x in `x___y` where neither x nor y is an underscore. */
function isFlavour(at: usize): bool {
  return load<u8>(at) != UNDERSCORE && load<u8>(at, 1) == UNDERSCORE && load<u8>(at, 2) == UNDERSCORE &&
    load<u8>(at, 3) == UNDERSCORE && load<u8>(at, 4) != UNDERSCORE;
}

/** True if both names are the same when flavours are cut off. */
export function sameEssence(a: usize, b: usize): bool {
  const length = essentialLength(a);
  return length == essentialLength(b) && memory.compare(a, b, length) == 0;
}

/** True if both names are the same. */
export function sameName(a: usize, b: usize): bool {
  while (load<u8>(a) == load<u8>(b)) {
    if (load<u8>(a) == 0) return true;
    a++;
    b++;
  }
  return false;
}

/** Kinds a relocation may mix: enumerations of both widths are one. */
export function sameKind(a: u32, b: u32): bool {
  return a == b || (isEnum(a) && isEnum(b));
}

export function isEnum(kind: u32): bool {
  return kind == Kind.ENUM || kind == Kind.ENUM64;
}

/** A name to be found, with the ids of the types of that name and kind. */
@unmanaged
export class Wanted {
  name: usize;
  length: u32;
  kind: u32;
  /** Address of `count` ids (u32) with room for `capacity`. */
  ids: usize;
  count: u32;
  capacity: u32;
  /** Address of the next entry, 0 at the end. */
  next: usize;
}

let wanted: usize = 0;

/** One bit for each value of a name's first two bytes: most names are ruled out by one look. */
const firstBytes = memory.data(65536 / 8, 8);

function firstBytesBit(key: u32): u8 {
  return u8(1) << u8(key & 7);
}

/**
 * Registers a name; null if memory is exhausted.
 *
 * Each call makes an entry of its own, also for a name that is there: two flavours of one type have
 * the same name, and relocations strike off candidates for one and not for the other.
 */
export function want(name: usize, length: u32, kind: u32): Wanted | null {
  const address = alloc(offsetof<Wanted>());
  if (address == 0) return null;
  const entry = changetype<Wanted>(address);
  entry.name = name;
  entry.length = length;
  entry.kind = kind;
  entry.next = wanted;
  wanted = address;
  const first = u32(load<u8>(name));
  const second = length > 1 ? u32(load<u8>(name, 1)) : 0;
  mark(first | second << 8);
  // A name of one character may be followed by a flavour.
  if (length == 1) mark(first | u32(UNDERSCORE) << 8);
  return entry;
}

function mark(key: u32): void {
  const address = firstBytes + (key >> 3);
  store<u8>(address, load<u8>(address) | firstBytesBit(key));
}

/** Appends every type of the blob with a wanted name and kind to its entry; false: out of memory. */
export function scan(btf: Btf): bool {
  for (let id: u32 = 1; id < btf.count; id++) {
    const type = typeOf(btf, id);
    if (type.name == 0) continue;
    const name = stringAt(btf, type.name);
    const key = u32(load<u16>(name));
    if ((load<u8>(firstBytes + (key >> 3)) & firstBytesBit(key)) == 0) continue;
    if (!offer(name, kindOf(type), id)) return false;
  }
  return true;
}

function offer(name: usize, kind: u32, id: u32): bool {
  let length: u32 = 0;
  for (let at = wanted; at != 0; at = changetype<Wanted>(at).next) {
    const entry = changetype<Wanted>(at);
    if (!sameKind(entry.kind, kind)) continue;
    if (length == 0) length = essentialLength(name);
    if (entry.length != length || memory.compare(entry.name, name, length) != 0) continue;
    if (!append(entry, id)) return false;
  }
  return true;
}

function append(entry: Wanted, id: u32): bool {
  if (entry.count == entry.capacity) {
    const capacity = entry.capacity * 2 + 4;
    const ids = alloc(capacity * 4);
    if (ids == 0) return false;
    memory.copy(ids, entry.ids, entry.count * 4);
    entry.ids = ids;
    entry.capacity = capacity;
  }
  store<u32>(entry.ids + (entry.count << 2), id);
  entry.count++;
  return true;
}
