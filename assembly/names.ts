// Names, and their comparison with flavours cut off.

import { spend } from "./budget";
import { Kind } from "./btf";

const UNDERSCORE: u8 = 0x5f;

/** Bytes before the NUL. */
export function lengthOf(name: usize): u32 {
  let length: u32 = 0;
  while (load<u8>(name + length) != 0) length++;
  spend(length);
  return length;
}

/**
 * Bytes of a name of `length` bytes without its flavour, which is all from the last `___` that has a
 * character before and one after it.
 */
export function withoutFlavour(name: usize, length: u32): u32 {
  for (let end = i32(length) - 5; end >= 0; end--) {
    if (isFlavour(name + end)) return u32(end) + 1;
  }
  return length;
}

/** Bytes of a name without its flavour. */
export function essentialLength(name: usize): u32 {
  return withoutFlavour(name, lengthOf(name));
}

/** True at x in `x___y` where neither x nor y is an underscore. */
function isFlavour(at: usize): bool {
  return load<u8>(at) != UNDERSCORE && load<u8>(at, 1) == UNDERSCORE && load<u8>(at, 2) == UNDERSCORE &&
    load<u8>(at, 3) == UNDERSCORE && load<u8>(at, 4) != UNDERSCORE;
}

/** True if both names are the same when flavours are cut off. */
export function sameEssence(a: usize, b: usize): bool {
  if (load<u8>(a) != load<u8>(b)) return false;
  const length = essentialLength(a);
  return length == essentialLength(b) && memory.compare(a, b, length) == 0;
}

/** True if both names are the same. */
export function sameName(a: usize, b: usize): bool {
  let at: u32 = 0;
  while (load<u8>(a + at) == load<u8>(b + at) && load<u8>(a + at) != 0) at++;
  spend(at);
  return load<u8>(a + at) == load<u8>(b + at);
}

/** Kinds a relocation may mix: enumerations of both widths are one. */
export function sameKind(a: u32, b: u32): bool {
  return a == b || (isEnum(a) && isEnum(b));
}

export function isEnum(kind: u32): bool {
  return kind == Kind.ENUM || kind == Kind.ENUM64;
}
