// Access specs: the path "0:1:3" that a relocation names, resolved in the local and in the target BTF.
//
// The semantics are those of tools/lib/bpf/relo_core.c of Linux, which the kernel's tests define.

import {
  arrayOf,
  Btf,
  BtfType,
  extraOf,
  Kind,
  kindOf,
  memberBitOffset,
  memberOf,
  sizeOf,
  skipModifiers,
  stringAt,
  typeOf,
  vlenOf,
} from "./btf";
import { isEnum, lengthOf, sameEssence, sameKind, sameName } from "./names";

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

/** Why a relocation cannot be computed; the TypeScript side has the texts. */
export const enum SpecError {
  SYNTAX = -20,
  RANGE = -21,
  NOT_COMPOSITE = -22,
  TOO_DEEP = -23,
  UNNAMED = -24,
  NO_SIZE = -25,
  KIND = -26,
  AMBIGUOUS = -27,
  BITFIELD = -28,
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

/** Name of an enumerator; `enum` elements are 8 bytes, `enum64` elements 12. */
export function enumeratorName(btf: Btf, type: u32, position: u32): usize {
  const entry = typeOf(btf, type);
  const stride: u32 = kindOf(entry) == Kind.ENUM64 ? 12 : 8;
  return stringAt(btf, load<u32>(extraOf(entry) + position * stride));
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
    push(spec, id, first, enumeratorName(btf, id, first));
    return 0;
  }

  push(spec, id, first, 0);
  if (!addElements(spec, id, first)) return SpecError.NO_SIZE;
  for (let step = 1; step < steps; step++) {
    id = skipModifiers(btf, id);
    const position = load<u32>(rawSteps + (step << 2));
    const type = typeOf(btf, id);
    const typeKind = kindOf(type);
    if (typeKind == Kind.STRUCT || typeKind == Kind.UNION) {
      if (position >= vlenOf(type)) return SpecError.RANGE;
      const member = memberOf(type, position);
      spec.bitOffset += memberBitOffset(type, member);
      if (member.name != 0) push(spec, id, position, stringAt(btf, member.name));
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
  if (isTypeBased(kind)) return i32(typesCompatible(local.btf, local.root, btf, root));
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
    const name = enumeratorName(target.btf, id, position);
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
  const kind = kindOf(type);
  if (kind != Kind.STRUCT && kind != Kind.UNION) return 0;
  const localMember = memberOf(typeOf(localBtf, wanted.type), wanted.position);
  for (let position: u32 = 0; position < vlenOf(type); position++) {
    const member = memberOf(type, position);
    const bitOffset = memberBitOffset(type, member);
    if (target.depth == MAX_SPEC) return SpecError.TOO_DEEP;
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

const MAX_DEPTH = 32;

/** Whether a field of one type can stand for a field of another. */
function fieldsCompatible(localBtf: Btf, localId: u32, targetBtf: Btf, targetId: u32): bool {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const local = typeOf(localBtf, skipModifiers(localBtf, localId));
    const target = typeOf(targetBtf, skipModifiers(targetBtf, targetId));
    const localKind = kindOf(local);
    const targetKind = kindOf(target);
    const localComposite = localKind == Kind.STRUCT || localKind == Kind.UNION;
    if (localComposite && (targetKind == Kind.STRUCT || targetKind == Kind.UNION)) return true;
    if (!sameKind(localKind, targetKind)) return false;
    switch (localKind) {
      case Kind.PTR:
      case Kind.FLOAT:
        return true;
      case Kind.FWD:
      case Kind.ENUM:
      case Kind.ENUM64: {
        // An anonymous enumeration can stand for any other.
        const localName = stringAt(localBtf, local.name);
        const targetName = stringAt(targetBtf, target.name);
        return load<u8>(localName) == 0 || load<u8>(targetName) == 0 || sameEssence(localName, targetName);
      }
      case Kind.INT:
        // Only the deprecated bit-field-like integers are refused.
        return intOffset(local) == 0 && intOffset(target) == 0;
      case Kind.ARRAY:
        localId = arrayOf(local).type;
        targetId = arrayOf(target).type;
        break;
      default:
        return false;
    }
  }
  return false;
}

function intOffset(type: BtfType): u32 {
  return (load<u32>(extraOf(type)) >> 16) & 0xff;
}

/** Whether two types are the same kind of thing all the way down, names of members aside. */
function typesCompatible(
  localBtf: Btf,
  localId: u32,
  targetBtf: Btf,
  targetId: u32,
  level: u32 = MAX_DEPTH,
): bool {
  // The roots themselves must be of one kind, before modifiers are skipped.
  if (!sameKind(kindOf(typeOf(localBtf, localId)), kindOf(typeOf(targetBtf, targetId)))) return false;
  for (let depth = level; depth > 0; depth--) {
    localId = skipModifiers(localBtf, localId);
    targetId = skipModifiers(targetBtf, targetId);
    const local = typeOf(localBtf, localId);
    const target = typeOf(targetBtf, targetId);
    if (!sameKind(kindOf(local), kindOf(target))) return false;
    switch (kindOf(local)) {
      case 0:
      case Kind.STRUCT:
      case Kind.UNION:
      case Kind.ENUM:
      case Kind.ENUM64:
      case Kind.FWD:
        return true;
      case Kind.INT:
        return intOffset(local) == 0 && intOffset(target) == 0;
      case Kind.PTR:
        localId = local.size;
        targetId = target.size;
        break;
      case Kind.ARRAY:
        localId = arrayOf(local).type;
        targetId = arrayOf(target).type;
        break;
      case Kind.FUNC_PROTO: {
        const parameters = vlenOf(local);
        if (parameters != vlenOf(target)) return false;
        for (let position: u32 = 0; position < parameters; position++) {
          const localParameter = skipModifiers(localBtf, load<u32>(extraOf(local) + position * 8, 4));
          const targetParameter = skipModifiers(targetBtf, load<u32>(extraOf(target) + position * 8, 4));
          if (!typesCompatible(localBtf, localParameter, targetBtf, targetParameter, depth - 1)) return false;
        }
        localId = local.size;
        targetId = target.size;
        break;
      }
      default:
        return false;
    }
  }
  return false;
}
