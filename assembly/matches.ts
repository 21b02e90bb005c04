// Whether a local type matches one of the target: the strict rules of BPF_CORE_TYPE_MATCHES.

import { exhausted, spend, TOO_MUCH_WORK, TYPE_WORK } from "./budget";
import {
  arrayOf,
  Btf,
  BtfType,
  enumeratorName,
  isComposite,
  isSigned,
  Kind,
  kindFlag,
  kindOf,
  memberOf,
  stringAt,
  typeOf,
  vlenOf,
} from "./btf";
import { MAX_DEPTH, parameterType } from "./compat";
import { isEnum, sameEssence } from "./names";
import { SpecError } from "./spec_error";
import { skipModifiers } from "./walk";

/**
 * Whether the target has all that the local type has, by name, kind and size: 1, 0 or a SpecError.
 *
 * The names of the roots are the caller's business if they are typedefs; all others are compared here.
 *
 * @param behindPointer a pointer has been followed, so that members no longer count, and a declaration
 *   may stand for a structure or union
 * @param level nested members and parameters that may still be entered
 */
export function typesMatch(
  localBtf: Btf,
  localId: u32,
  targetBtf: Btf,
  targetId: u32,
  behindPointer: bool = false,
  level: i32 = MAX_DEPTH,
): i32 {
  if (level <= 0) return SpecError.TOO_DEEP;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    spend(TYPE_WORK);
    if (exhausted()) return TOO_MUCH_WORK;
    const local = typeOf(localBtf, skipModifiers(localBtf, localId));
    const target = typeOf(targetBtf, skipModifiers(targetBtf, targetId));
    if (!sameEssence(stringAt(localBtf, local.name), stringAt(targetBtf, target.name))) return 0;
    const kind = kindOf(local);
    const targetKind = kindOf(target);
    if (behindPointer && (isComposite(kind) || kind == Kind.FWD)) return i32(sameTag(local, target));
    if (isEnum(kind)) return isEnum(targetKind) ? enumsMatch(localBtf, local, targetBtf, target) : 0;
    if (kind != targetKind) return 0;
    switch (kind) {
      case Kind.VOID:
        return 1;
      case Kind.FWD:
        return i32(kindFlag(local) == kindFlag(target));
      case Kind.STRUCT:
      case Kind.UNION:
        return membersMatch(localBtf, local, targetBtf, target, level);
      case Kind.INT:
        return i32(local.size == target.size && isSigned(local) == isSigned(target));
      case Kind.PTR:
        behindPointer = true;
        localId = local.size;
        targetId = target.size;
        break;
      case Kind.ARRAY:
        if (arrayOf(local).length != arrayOf(target).length) return 0;
        localId = arrayOf(local).type;
        targetId = arrayOf(target).type;
        break;
      case Kind.FUNC_PROTO: {
        const parameters = vlenOf(local);
        if (parameters != vlenOf(target)) return 0;
        for (let position: u32 = 0; position < parameters; position++) {
          const matches = typesMatch(
            localBtf,
            parameterType(local, position),
            targetBtf,
            parameterType(target, position),
            behindPointer,
            level - 1,
          );
          if (matches <= 0) return matches;
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

/** Whether both are a structure, or both a union, each declared or defined. */
function sameTag(local: BtfType, target: BtfType): bool {
  const kind = kindOf(target);
  return (isComposite(kind) || kind == Kind.FWD) && isUnion(local) == isUnion(target);
}

/** The kind flag of a declaration tells a union from a structure. */
function isUnion(type: BtfType): bool {
  return kindOf(type) == Kind.UNION || (kindOf(type) == Kind.FWD && kindFlag(type));
}

/** Every local enumerator must be there, with whatever value. */
function enumsMatch(localBtf: Btf, local: BtfType, targetBtf: Btf, target: BtfType): i32 {
  const count = vlenOf(local);
  if (local.size != target.size || count > vlenOf(target)) return 0;
  for (let position: u32 = 0; position < count; position++) {
    if (!hasEnumerator(targetBtf, target, enumeratorName(localBtf, local, position))) {
      return exhausted() ? TOO_MUCH_WORK : 0;
    }
  }
  return 1;
}

function hasEnumerator(btf: Btf, type: BtfType, name: usize): bool {
  const count = vlenOf(type);
  for (let position: u32 = 0; position < count && !exhausted(); position++) {
    spend(1);
    if (sameEssence(name, enumeratorName(btf, type, position))) return true;
  }
  return false;
}

/** Every local member must be there, and match in turn. */
function membersMatch(localBtf: Btf, local: BtfType, targetBtf: Btf, target: BtfType, level: i32): i32 {
  const count = vlenOf(local);
  if (count > vlenOf(target)) return 0;
  for (let position: u32 = 0; position < count; position++) {
    const member = memberOf(local, position);
    const matches = hasMember(
      localBtf,
      stringAt(localBtf, member.name),
      member.type,
      targetBtf,
      target,
      level - 1,
    );
    if (matches <= 0) return matches;
  }
  return 1;
}

/** Several members may be without name, so the first that does not match is not the last word. */
function hasMember(
  localBtf: Btf,
  name: usize,
  localId: u32,
  targetBtf: Btf,
  target: BtfType,
  level: i32,
): i32 {
  const count = vlenOf(target);
  for (let position: u32 = 0; position < count; position++) {
    spend(1);
    if (exhausted()) return TOO_MUCH_WORK;
    const member = memberOf(target, position);
    if (!sameEssence(name, stringAt(targetBtf, member.name))) continue;
    const matches = typesMatch(localBtf, localId, targetBtf, member.type, false, level);
    if (matches != 0) return matches;
  }
  return 0;
}
