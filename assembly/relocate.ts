// CO-RE: from a relocation record to the value that belongs into the instruction.

import { exhausted, spend, TOO_MUCH_WORK } from "./budget";
import {
  Btf,
  extraOf,
  intEncoding,
  isSigned,
  Kind,
  kindFlag,
  kindOf,
  memberBitSize,
  memberOf,
  stringAt,
  typeOf,
} from "./btf";
import { isEnum } from "./names";
import {
  Accessor,
  accessor,
  isEnumBased,
  isTypeBased,
  matchSpec,
  MAX_SPEC,
  parseSpec,
  Relo,
  Spec,
} from "./spec";
import { SpecError } from "./spec_error";
import { elementOf, sizeOf, skipModifiers } from "./walk";
import { Candidate, candidateAt, Wanted } from "./wanted";

/** What the instruction must hold now and shall hold; read by the TypeScript side at these offsets. */
@unmanaged
export class Result {
  original: u64;
  value: u64;
  /** Sizes in bytes of the field here and there, 0 where a size does not apply. */
  originalSize: u32;
  size: u32;
  /** 1: the target has nothing to offer, the instruction must never run. */
  poison: u32;
  /** 1: the instruction must hold `original` before it is changed. */
  validate: u32;
  /** 1: sizes differ in a way that a load or store cannot follow. */
  unsafeSize: u32;
}

/** What one side of a relocation is worth. */
@unmanaged
class Value {
  value: u64;
  size: u32;
  type: u32;
  validate: u32;
  /** 1: there is no such thing. */
  missing: u32;
}

const spec0 = changetype<Spec>(memory.data(32, 8));
const spec1 = changetype<Spec>(memory.data(32, 8));
spec0.accessors = memory.data(MAX_SPEC * 12, 8);
spec1.accessors = memory.data(MAX_SPEC * 12, 8);
const localValue = changetype<Value>(memory.data(32, 8));
const targetValue = changetype<Value>(memory.data(32, 8));

function clear(value: Value): void {
  value.value = 0;
  value.size = 0;
  value.type = 0;
  value.validate = 1;
  value.missing = 0;
}

/**
 * What one load or store accesses: of an array it is an element, so the array may change its length
 * (as in libbpf from 1.6; before, it was the array, and a change of its length was poison).
 */
function setAccessed(out: Value, btf: Btf, id: u32): void {
  id = elementOf(btf, id);
  out.size = u32(sizeOf(btf, id));
  out.type = id;
}

/** Value of a field relocation: 0 or a SpecError. */
function fieldValue(out: Value, spec: Spec, kind: i32): i32 {
  const last: Accessor = accessor(spec, spec.length - 1);
  if (last.name == 0) {
    // The root itself, or an array element.
    const size = sizeOf(spec.btf, last.type);
    if (size < 0) return SpecError.NO_SIZE;
    if (kind == Relo.FIELD_BYTE_OFFSET) {
      out.value = spec.bitOffset / 8;
      setAccessed(out, spec.btf, last.type);
      return 0;
    }
    if (kind == Relo.FIELD_BYTE_SIZE) {
      out.value = u64(size);
      return 0;
    }
    return SpecError.KIND;
  }

  const owner = typeOf(spec.btf, last.type);
  const member = memberOf(owner, last.position);
  const typeId = skipModifiers(spec.btf, member.type);
  const type = typeOf(spec.btf, typeId);
  let bits = memberBitSize(owner, member);
  const isBitfield = bits > 0;
  let bytes: u32;
  let offset: u32;
  if (isBitfield) {
    // The smallest aligned load that covers the bit-field.
    bytes = type.size;
    if (bytes == 0 || bytes > 8) return SpecError.BITFIELD;
    offset = spec.bitOffset / 8 / bytes * bytes;
    while (spec.bitOffset + bits - offset * 8 > bytes * 8) {
      if (bytes >= 8) return SpecError.BITFIELD;
      bytes *= 2;
      offset = spec.bitOffset / 8 / bytes * bytes;
    }
  } else {
    const size = sizeOf(spec.btf, typeId);
    if (size < 0) return SpecError.NO_SIZE;
    bytes = u32(size);
    offset = spec.bitOffset / 8;
    bits = bytes * 8;
  }

  // A compiler may load a bit-field in another way than this.
  out.validate = u32(!isBitfield);
  switch (kind) {
    case Relo.FIELD_BYTE_OFFSET:
      out.value = offset;
      if (!isBitfield) setAccessed(out, spec.btf, typeId);
      return 0;
    case Relo.FIELD_BYTE_SIZE:
      out.value = bytes;
      return 0;
    case Relo.FIELD_SIGNED:
      out.value = u64(
        (isEnum(kindOf(type)) && kindFlag(type)) || (kindOf(type) == Kind.INT && isSigned(type)),
      );
      out.validate = 1;
      return 0;
    case Relo.FIELD_LSHIFT_U64:
      out.value = u32(64) - (spec.bitOffset + bits - offset * 8);
      return 0;
    case Relo.FIELD_RSHIFT_U64:
      out.value = u32(64) - bits;
      out.validate = 1;
      return 0;
    default:
      return SpecError.KIND;
  }
}

function typeValue(out: Value, spec: Spec, kind: i32): i32 {
  switch (kind) {
    case Relo.TYPE_ID_LOCAL:
    case Relo.TYPE_ID_TARGET:
      // A local type id is changed by the linker, so what the instruction holds says nothing.
      out.value = spec.root;
      out.validate = 0;
      return 0;
    case Relo.TYPE_SIZE: {
      const size = sizeOf(spec.btf, spec.root);
      if (size < 0) return SpecError.NO_SIZE;
      out.value = u64(size);
      return 0;
    }
    default:
      out.value = 1;
      return 0;
  }
}

function enumeratorValue(out: Value, spec: Spec, kind: i32): i32 {
  if (kind == Relo.ENUMVAL_EXISTS) {
    out.value = 1;
    return 0;
  }
  const entry = accessor(spec, 0);
  const type = typeOf(spec.btf, entry.type);
  if (kindOf(type) == Kind.ENUM64) {
    const at = extraOf(type) + entry.position * 12;
    out.value = u64(load<u32>(at, 4)) | u64(load<u32>(at, 8)) << 32;
  } else {
    // As a signed number whatever the kind flag says: BTF before Linux 6.0 has negative values without it.
    out.value = u64(i64(load<i32>(extraOf(type) + entry.position * 8, 4)));
  }
  return 0;
}

/** Value of one side; `spec` is null where the target has no match. */
function valueOf(out: Value, spec: Spec | null, kind: i32): i32 {
  clear(out);
  if (!spec) {
    // Questions about existence, sizes and ids of types have an answer; all else is poison.
    const answered = kind == Relo.FIELD_EXISTS || kind == Relo.ENUMVAL_EXISTS || isTypeBased(kind);
    out.missing = u32(!answered);
    return 0;
  }
  if (kind == Relo.FIELD_EXISTS) {
    out.value = 1;
    return 0;
  }
  if (isTypeBased(kind)) return typeValue(out, spec, kind);
  if (isEnumBased(kind)) return enumeratorValue(out, spec, kind);
  return fieldValue(out, spec, kind);
}

/** An encoding of nothing but BTF_INT_SIGNED is what forbids widening with zeros. */
function isUnsignedInt(btf: Btf, id: u32): bool {
  const type = typeOf(btf, id);
  return kindOf(type) == Kind.INT && intEncoding(type) != 1;
}

function isPointer(btf: Btf, id: u32): bool {
  return kindOf(typeOf(btf, id)) == Kind.PTR;
}

/** A load may change its width where widening with zeros is right: pointers and unsigned integers. */
function isUnsafeSize(local: Btf, target: Btf): bool {
  if (localValue.size == targetValue.size) return false;
  if (isPointer(local, localValue.type) && isPointer(target, targetValue.type)) return false;
  return !(isUnsignedInt(local, localValue.type) && isUnsignedInt(target, targetValue.type));
}

/**
 * Computes one relocation into `result`: 0 or a SpecError.
 *
 * Candidates that do not match are removed from `wanted`, as libbpf does: a type that lacks one
 * field of an access is not the type that the program means.
 */
export function relocate(
  result: Result,
  local: Btf,
  root: u32,
  text: usize,
  kind: i32,
  wanted: Wanted | null,
): i32 {
  if (exhausted()) return TOO_MUCH_WORK;
  let error = parseSpec(spec0, local, root, text, kind);
  if (error < 0) return error;
  error = valueOf(localValue, spec0, kind);
  if (error < 0) return error;
  setResult(result, local, local, localValue);
  if (kind == Relo.TYPE_ID_LOCAL) return 0;
  if (load<u8>(stringAt(local, typeOf(local, root).name)) == 0) return SpecError.ANONYMOUS;

  let matches: u32 = 0;
  let bitOffset: u32 = 0;
  const count = wanted ? wanted.count : 0;
  for (let at: u32 = 0; at < count; at++) {
    spend(1);
    if (exhausted()) return TOO_MUCH_WORK;
    const candidate = candidateAt(wanted!, at);
    const target = changetype<Btf>(candidate.btf);
    const found = matchSpec(spec0, spec1, target, candidate.id, kind);
    if (found < 0) return found;
    if (found == 0) continue;
    error = valueOf(targetValue, spec1, kind);
    if (error < 0) return error;
    if (matches == 0) {
      bitOffset = spec1.bitOffset;
      setResult(result, local, target, targetValue);
    } else if (bitOffset != spec1.bitOffset || result.value != targetValue.value) {
      return SpecError.AMBIGUOUS;
    }
    keep(candidateAt(wanted!, matches), candidate);
    matches++;
  }
  if (matches > 0) {
    wanted!.count = matches;
    return 0;
  }
  valueOf(targetValue, null, kind);
  setResult(result, local, local, targetValue);
  return 0;
}

function keep(place: Candidate, candidate: Candidate): void {
  place.btf = candidate.btf;
  place.id = candidate.id;
}

function setResult(result: Result, local: Btf, target: Btf, value: Value): void {
  result.original = localValue.value;
  result.value = value.value;
  result.originalSize = localValue.size;
  result.size = value.size;
  result.poison = value.missing;
  result.validate = localValue.validate;
  result.unsafeSize = u32(value !== localValue && isUnsafeSize(local, target));
}
