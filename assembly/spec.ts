// Access specs: the path "0:1:3" that a relocation names, resolved in the local and in the target BTF.
//
// The semantics are those of tools/lib/bpf/relo_core.c of Linux, which the kernel's tests define.

import { exhausted, spend, TOO_MUCH_WORK, TYPE_WORK } from "./budget";
import {
  arrayOf,
  Btf,
  enumeratorName,
  isComposite,
  Kind,
  kindOf,
  memberBitOffset,
  memberOf,
  stringAt,
  typeOf,
  vlenOf,
} from "./btf";
import { fieldsCompatible, typesCompatible } from "./compat";
import { typesMatch } from "./matches";
import { isEnum, lengthOf, sameEssence, sameName } from "./names";
import { SpecError } from "./spec_error";
import { sizeOf, skipModifiers } from "./walk";

/** enum bpf_core_relo_kind. */
export const enum Relo {
  FIELD_BYTE_OFFSET = 0,
  FIELD_BYTE_SIZE = 1,
  FIELD_EXISTS = 2,
  FIELD_SIGNED = 3,
  FIELD_LSHIFT_U64 = 4,
  FIELD_RSHIFT_U64 = 5,
  TYPE_ID_LOCAL = 6,
  TYPE_ID_TARGET = 7,
  TYPE_EXISTS = 8,
  TYPE_SIZE = 9,
  ENUMVAL_EXISTS = 10,
  ENUMVAL_VALUE = 11,
  TYPE_MATCHES = 12,
}

/** Deepest access, as in libbpf (BPF_CORE_SPEC_MAX_LEN). */
export const MAX_SPEC = 64;

/** One step that has a name, or indexes an array. */
@unmanaged
export class Accessor {
  type: u32;
  position: u32;
  /** Address of the member's or enumerator's name; 0 for an array index and for the root. */
  name: usize;
}

@unmanaged
export class Spec {
  btf: Btf;
  root: u32;
  /** Accessors in use. */
  length: u32;
  /** Steps in use, anonymous members included. */
  depth: u32;
  bitOffset: u32;
  /** MAX_SPEC accessors. */
  accessors: usize;
}

export function accessor(spec: Spec, position: u32): Accessor {
  return changetype<Accessor>(spec.accessors + position * offsetof<Accessor>());
}

function push(spec: Spec, type: u32, position: u32, name: usize): void {
  const entry = accessor(spec, spec.length);
  entry.type = type;
  entry.position = position;
  entry.name = name;
  spec.length++;
}

export function isTypeBased(kind: i32): bool {
  return (kind >= Relo.TYPE_ID_LOCAL && kind <= Relo.TYPE_SIZE) || kind == Relo.TYPE_MATCHES;
}

export function isEnumBased(kind: i32): bool {
  return kind == Relo.ENUMVAL_EXISTS || kind == Relo.ENUMVAL_VALUE;
}

const rawSteps = memory.data(MAX_SPEC * 4, 4);

/** Parses "0:1:2" into rawSteps: the number of steps, or a SpecError. */
function parseSteps(text: usize, length: u32): i32 {
  let steps = 0;
  let at: u32 = 0;
  while (at < length) {
    let value: u64 = 0;
    const start = at;
    while (at < length) {
      const digit = u32(load<u8>(text + at)) - 48;
      if (digit > 9) break;
      value = value * 10 + digit;
      if (value > u32.MAX_VALUE) return SpecError.SYNTAX;
      at++;
    }
    if (at == start) return SpecError.SYNTAX;
    if (steps == MAX_SPEC) return SpecError.TOO_DEEP;
    store<u32>(rawSteps + (steps << 2), u32(value));
    steps++;
    if (at == length) break;
    if (load<u8>(text + at) != 58 || at + 1 == length) return SpecError.SYNTAX;
    at++;
  }
  return steps == 0 ? SpecError.SYNTAX : steps;
}

/** A zero-length array that ends a structure may be indexed past its end. */
function isFlexible(spec: Spec, member: u32, arrayLength: u32): bool {
  if (arrayLength > 0) return false;
  const entry = accessor(spec, member);
  return entry.name != 0 && entry.position == vlenOf(typeOf(spec.btf, entry.type)) - 1;
}

/** Resolves the text of a relocation in its own object's BTF: 0 or a SpecError. */
export function parseSpec(spec: Spec, btf: Btf, root: u32, text: usize, kind: i32): i32 {
  spec.btf = btf;
  spec.root = root;
  spec.length = 0;
  spec.depth = 0;
  spec.bitOffset = 0;
  const steps = parseSteps(text, lengthOf(text));
  if (steps < 0) return steps;
  if (isTypeBased(kind)) return steps == 1 && load<u32>(rawSteps) == 0 ? 0 : SpecError.SYNTAX;

  let id = skipModifiers(btf, root);
  const first = load<u32>(rawSteps);
  if (isEnumBased(kind)) {
    if (!isEnum(kindOf(typeOf(btf, id)))) return SpecError.NOT_COMPOSITE;
    if (steps != 1 || first >= vlenOf(typeOf(btf, id))) return SpecError.RANGE;
    push(spec, id, first, enumeratorName(btf, typeOf(btf, id), first));
    return 0;
  }

  push(spec, id, first, 0);
  if (!addElements(spec, id, first)) return SpecError.NO_SIZE;
  for (let step = 1; step < steps; step++) {
    id = skipModifiers(btf, id);
    const position = load<u32>(rawSteps + (step << 2));
    const type = typeOf(btf, id);
    const typeKind = kindOf(type);
    if (isComposite(typeKind)) {
      if (position >= vlenOf(type)) return SpecError.RANGE;
      const member = memberOf(type, position);
      spec.bitOffset += memberBitOffset(type, member);
      if (member.name != 0) {
        const name = stringAt(btf, member.name);
        if (load<u8>(name) == 0) return SpecError.UNNAMED;
        push(spec, id, position, name);
      }
      id = member.type;
    } else if (typeKind == Kind.ARRAY) {
      const array = arrayOf(type);
      if (position >= array.length && !isFlexible(spec, spec.length - 1, array.length)) {
        return SpecError.RANGE;
      }
      id = skipModifiers(btf, array.type);
      push(spec, id, position, 0);
      if (!addElements(spec, id, position)) return SpecError.NO_SIZE;
    } else {
      return SpecError.NOT_COMPOSITE;
    }
  }
  return 0;
}

/** Moves the offset by `position` elements of a type; false if the type has no size. */
function addElements(spec: Spec, type: u32, position: u32): bool {
  const size = sizeOf(spec.btf, type);
  if (size < 0) return false;
  spec.bitOffset += position * u32(size) * 8;
  return true;
}

/** Looks the local path up in a candidate type: 1 found, 0 not there, or a SpecError. */
export function matchSpec(local: Spec, target: Spec, btf: Btf, root: u32, kind: i32): i32 {
  target.btf = btf;
  target.root = root;
  target.length = 0;
  target.depth = 0;
  target.bitOffset = 0;
  if (kind == Relo.TYPE_MATCHES) return typesMatch(local.btf, local.root, btf, root);
  if (isTypeBased(kind)) return typesCompatible(local.btf, local.root, btf, root);
  if (isEnumBased(kind)) return matchEnumerator(local, target, root);

  let id = root;
  for (let step: u32 = 0; step < local.length; step++) {
    const wanted = accessor(local, step);
    id = skipModifiers(btf, id);
    if (wanted.name != 0) {
      const found = matchMember(local.btf, wanted, target, id);
      if (found <= 0) return found;
      id = nextType;
      continue;
    }
    // The root is already the element type; deeper down an array must be entered.
    if (step > 0) {
      const type = typeOf(btf, id);
      if (kindOf(type) != Kind.ARRAY) return 0;
      const array = arrayOf(type);
      const flexible = isFlexible(target, target.length - 1, array.length);
      if (!flexible && wanted.position >= array.length) return 0;
      id = skipModifiers(btf, array.type);
    }
    if (target.depth == MAX_SPEC) return SpecError.TOO_DEEP;
    push(target, id, wanted.position, 0);
    target.depth++;
    if (!addElements(target, id, wanted.position)) return SpecError.NO_SIZE;
  }
  return 1;
}

function matchEnumerator(local: Spec, target: Spec, root: u32): i32 {
  const id = skipModifiers(target.btf, root);
  const type = typeOf(target.btf, id);
  if (!isEnum(kindOf(type))) return 0;
  const wanted = accessor(local, 0).name;
  for (let position: u32 = 0; position < vlenOf(type); position++) {
    spend(1);
    if (exhausted()) return TOO_MUCH_WORK;
    const name = enumeratorName(target.btf, type, position);
    if (!sameEssence(wanted, name)) continue;
    push(target, id, position, name);
    return 1;
  }
  return 0;
}

/** Type of the member that matchMember found. */
let nextType: u32 = 0;

/** Finds a member by name, through anonymous structures and unions: 1, 0 or a SpecError. */
function matchMember(localBtf: Btf, wanted: Accessor, target: Spec, id: u32): i32 {
  id = skipModifiers(target.btf, id);
  const type = typeOf(target.btf, id);
  if (!isComposite(kindOf(type))) return 0;
  const localMember = memberOf(typeOf(localBtf, wanted.type), wanted.position);
  for (let position: u32 = 0; position < vlenOf(type); position++) {
    const member = memberOf(type, position);
    const bitOffset = memberBitOffset(type, member);
    if (target.depth == MAX_SPEC) return SpecError.TOO_DEEP;
    spend(TYPE_WORK);
    if (exhausted()) return TOO_MUCH_WORK;
    target.bitOffset += bitOffset;
    target.depth++;
    const name = stringAt(target.btf, member.name);
    if (load<u8>(name) == 0) {
      const found = matchMember(localBtf, wanted, target, member.type);
      if (found != 0) return found;
    } else if (sameName(wanted.name, name)) {
      nextType = member.type;
      if (!fieldsCompatible(localBtf, localMember.type, target.btf, member.type)) return 0;
      push(target, id, position, name);
      return 1;
    }
    target.bitOffset -= bitOffset;
    target.depth--;
  }
  return 0;
}
