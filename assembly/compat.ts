// Whether a local type may stand for one of the target: the loose rules, for fields, types and externs.

import { exhausted, spend, TOO_MUCH_WORK, TYPE_WORK } from "./budget";
import { arrayOf, Btf, BtfType, extraOf, isComposite, Kind, kindOf, stringAt, typeOf, vlenOf } from "./btf";
import { sameEssence, sameKind } from "./names";
import { SpecError } from "./spec_error";
import { skipModifiers } from "./walk";

/** Links of a chain, and nested parameter lists, that are followed (as in libbpf). */
export const MAX_DEPTH = 32;

/** Bit offset of an integer; not zero only in bit-fields of an old form that is not supported. */
function intOffset(type: BtfType): u32 {
  return (load<u32>(extraOf(type)) >> 16) & 0xff;
}

/** Whether a field of one type can stand for a field of another. */
export function fieldsCompatible(localBtf: Btf, localId: u32, targetBtf: Btf, targetId: u32): bool {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const local = typeOf(localBtf, skipModifiers(localBtf, localId));
    const target = typeOf(targetBtf, skipModifiers(targetBtf, targetId));
    const localKind = kindOf(local);
    if (isComposite(localKind) && isComposite(kindOf(target))) return true;
    if (!sameKind(localKind, kindOf(target))) return false;
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

/**
 * Whether two types are the same kind of thing all the way down, names aside: 1, 0 or a SpecError.
 *
 * @param level nested parameter lists that may still be entered
 */
export function typesCompatible(
  localBtf: Btf,
  localId: u32,
  targetBtf: Btf,
  targetId: u32,
  level: i32 = MAX_DEPTH,
): i32 {
  // The roots themselves must be of one kind, before modifiers are skipped.
  if (!sameKind(kindOf(typeOf(localBtf, localId)), kindOf(typeOf(targetBtf, targetId)))) return 0;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    spend(TYPE_WORK);
    if (exhausted()) return TOO_MUCH_WORK;
    localId = skipModifiers(localBtf, localId);
    targetId = skipModifiers(targetBtf, targetId);
    const local = typeOf(localBtf, localId);
    const target = typeOf(targetBtf, targetId);
    const kind = kindOf(local);
    if (!sameKind(kind, kindOf(target))) return 0;
    switch (kind) {
      case Kind.VOID:
      case Kind.STRUCT:
      case Kind.UNION:
      case Kind.ENUM:
      case Kind.ENUM64:
      case Kind.FWD:
        return 1;
      case Kind.INT:
        return i32(intOffset(local) == 0 && intOffset(target) == 0);
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
        if (parameters != vlenOf(target)) return 0;
        for (let position: u32 = 0; position < parameters; position++) {
          if (level <= 0) return SpecError.TOO_DEEP;
          const localParameter = skipModifiers(localBtf, parameterType(local, position));
          const targetParameter = skipModifiers(targetBtf, parameterType(target, position));
          const same = typesCompatible(localBtf, localParameter, targetBtf, targetParameter, level - 1);
          if (same <= 0) return same;
        }
        localId = local.size;
        targetId = target.size;
        break;
      }
      default:
        return 0;
    }
  }
  return SpecError.TOO_DEEP;
}

/** Type of a parameter of a function prototype. */
export function parameterType(type: BtfType, position: u32): u32 {
  return load<u32>(extraOf(type) + position * 8, 4);
}

/** Whether an extern fits what the kernel has of its name: of a function the prototype counts, of a variable its type. */
export function externsCompatible(localBtf: Btf, localId: u32, targetBtf: Btf, targetId: u32): i32 {
  const local = skipModifiers(localBtf, behindExtern(localBtf, localId));
  return typesCompatible(
    localBtf,
    local,
    targetBtf,
    skipModifiers(targetBtf, behindExtern(targetBtf, targetId)),
  );
}

function behindExtern(btf: Btf, id: u32): u32 {
  const type = typeOf(btf, id);
  const kind = kindOf(type);
  return kind == Kind.FUNC || kind == Kind.VAR ? type.size : id;
}
