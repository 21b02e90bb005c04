// The exports: numbers in, numbers out. The TypeScript side is src/elf/core.ts.

import { exhausted } from "./budget";
import { Btf, kindOf, stringAt, typeOf } from "./btf";
import { externsCompatible } from "./compat";
import { alloc, release } from "./memory";
import { essentialLength, lengthOf } from "./names";
import { BtfError, errorOffset, openBtf } from "./open";
import { relocate, Result } from "./relocate";
import { appended, Candidate, candidateAt, forget, want, Wanted } from "./wanted";

export { alloc };

const local = changetype<Btf>(memory.data(offsetof<Btf>(), 8));
const target = changetype<Btf>(memory.data(offsetof<Btf>(), 8));
const result = changetype<Result>(memory.data(offsetof<Result>(), 8));

/** Opens an object's own BTF: 0, or an error below zero. */
export function openLocal(data: usize, length: u32): i32 {
  return openBtf(local, data, length, null);
}

/** Opens the BTF of the running kernel and finds all wanted names in it: 0, or an error below zero. */
export function openTarget(data: usize, length: u32): i32 {
  return openBtf(target, data, length, null);
}

let modules: u32 = 0;

/**
 * Opens a module's BTF and finds in it the wanted names that the kernel's own lacks: the module's number,
 * or an error below zero. A module that has none of them gives its memory back.
 */
export function openModule(data: usize, length: u32): i32 {
  const btf = changetype<Btf>(alloc(offsetof<Btf>()));
  if (changetype<usize>(btf) == 0) return BtfError.MEMORY;
  modules++;
  btf.module = modules;
  const before = appended;
  const error = openBtf(btf, data, length, target);
  if (appended == before) release(data);
  else if (error < 0) forget(btf);
  return error < 0 ? error : i32(modules);
}

/** Byte offset that the last error of an open function is about. */
export function lastErrorOffset(): u32 {
  return errorOffset;
}

/** Registers the name of a local type before the target is opened: a handle, 0 if it has no name. */
export function wantType(id: u32): usize {
  if (exhausted()) return 0;
  const type = typeOf(local, id);
  const name = stringAt(local, type.name);
  const length = essentialLength(name);
  if (length == 0) return 0;
  return changetype<usize>(want(name, length, kindOf(type), false));
}

/** Registers a name as a whole, and a kind, before the target is opened: a handle. */
export function wantName(name: usize, kind: u32): usize {
  return changetype<usize>(want(name, lengthOf(name), kind, true));
}

function first(handle: usize): Candidate | null {
  if (handle == 0) return null;
  const wanted = changetype<Wanted>(handle);
  return wanted.count > 0 ? candidateAt(wanted, 0) : null;
}

/** The first type that was found for a handle, 0 if there is none. */
export function foundType(handle: usize): u32 {
  const candidate = first(handle);
  return candidate ? candidate.id : 0;
}

/** The number of the module that foundType is in, 0 for the kernel's own BTF. */
export function foundIn(handle: usize): u32 {
  const candidate = first(handle);
  return candidate ? changetype<Btf>(candidate.btf).module : 0;
}

/** Whether a local variable or function may stand for what was found for a handle: 1, 0 or an error below zero. */
export function isCompatible(id: u32, handle: usize): i32 {
  const candidate = first(handle);
  return candidate ? externsCompatible(local, id, changetype<Btf>(candidate.btf), candidate.id) : 0;
}

/** Computes one relocation of the local BTF: 0 or an error. The result is at resultAddress(). */
export function relocateAccess(root: u32, specOffset: u32, kind: i32, handle: usize): i32 {
  const text = stringAt(local, specOffset);
  return relocate(result, local, root, text, kind, changetype<Wanted | null>(handle));
}

/** Address of the last result, laid out as the class Result. */
export function resultAddress(): usize {
  return changetype<usize>(result);
}
