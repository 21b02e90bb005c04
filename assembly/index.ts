// The exports: numbers in, numbers out. The TypeScript side is src/elf/core.ts.

import { Btf, errorOffset, kindOf, openBtf, stringAt, typeOf } from "./btf";
import { alloc } from "./memory";
import { essentialLength, lengthOf, scan, want, Wanted } from "./names";
import { relocate, Result } from "./relocate";

export { alloc };

const local = changetype<Btf>(memory.data(offsetof<Btf>(), 8));
const target = changetype<Btf>(memory.data(offsetof<Btf>(), 8));
const result = changetype<Result>(memory.data(offsetof<Result>(), 8));

/** Opens an object's own BTF: the number of types with void, or an error below zero. */
export function openLocal(data: usize, length: u32): i32 {
  const error = openBtf(local, data, length);
  return error < 0 ? error : i32(local.count);
}

/** Opens the BTF of the running kernel and finds all wanted names in it. */
export function openTarget(data: usize, length: u32): i32 {
  const error = openBtf(target, data, length);
  if (error < 0) return error;
  return scan(target) ? i32(target.count) : -9;
}

/** Byte offset that the last error of openLocal or openTarget is about. */
export function lastErrorOffset(): u32 {
  return errorOffset;
}

/** Registers the name of a local type before the target is opened: a handle, 0 if it has no name. */
export function wantType(id: u32): usize {
  const type = typeOf(local, id);
  const name = stringAt(local, type.name);
  const length = essentialLength(name);
  if (length == 0) return 0;
  return changetype<usize>(want(name, length, kindOf(type)));
}

/** Registers any name and kind before the target is opened: a handle. */
export function wantName(name: usize, kind: u32): usize {
  return changetype<usize>(want(name, lengthOf(name), kind));
}

/** The first type of the target with a wanted name and kind, 0 if there is none. */
export function foundType(handle: usize): u32 {
  const wanted = changetype<Wanted>(handle);
  return wanted.count > 0 ? load<u32>(wanted.ids) : 0;
}

/** Computes one relocation of the local BTF: 0 or an error. The result is at resultAddress(). */
export function relocateAccess(root: u32, specOffset: u32, kind: i32, candidates: usize): i32 {
  const text = stringAt(local, specOffset);
  return relocate(result, local, target, root, text, kind, changetype<Wanted | null>(candidates));
}

/** Address of the last result, laid out as the class Result. */
export function resultAddress(): usize {
  return changetype<usize>(result);
}
