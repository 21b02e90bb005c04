// Walks from type to type: behind modifiers, into arrays, and to a size.

import { arrayOf, Btf, Kind, kindOf, typeOf } from "./btf";

/** A chain of modifiers, typedefs and arrays longer than this is a loop. */
const MAX_DEPTH = 32;

/** The id behind const, volatile, restrict, type tags and typedefs; 0 if they form a loop. */
export function skipModifiers(btf: Btf, id: u32): u32 {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = typeOf(btf, id);
    switch (kindOf(type)) {
      case Kind.TYPEDEF:
      case Kind.VOLATILE:
      case Kind.CONST:
      case Kind.RESTRICT:
      case Kind.TYPE_TAG:
        id = type.size;
        break;
      default:
        return id;
    }
  }
  return 0;
}

/** The id of the elements of an array, however many dimensions it has; the type itself if it is none. */
export function elementOf(btf: Btf, id: u32): u32 {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    id = skipModifiers(btf, id);
    const type = typeOf(btf, id);
    if (kindOf(type) != Kind.ARRAY) break;
    id = arrayOf(type).type;
  }
  return id;
}

/** Size of a type in bytes, -1 if it has none. */
export function sizeOf(btf: Btf, id: u32): i64 {
  let elements: u64 = 1;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = typeOf(btf, id);
    switch (kindOf(type)) {
      case Kind.INT:
      case Kind.STRUCT:
      case Kind.UNION:
      case Kind.ENUM:
      case Kind.ENUM64:
      case Kind.DATASEC:
      case Kind.FLOAT:
        return bounded(elements, type.size);
      case Kind.PTR:
        return bounded(elements, 8);
      case Kind.TYPEDEF:
      case Kind.VOLATILE:
      case Kind.CONST:
      case Kind.RESTRICT:
      case Kind.VAR:
      case Kind.DECL_TAG:
      case Kind.TYPE_TAG:
        id = type.size;
        break;
      case Kind.ARRAY:
        elements *= arrayOf(type).length;
        if (elements > u32.MAX_VALUE) return -1;
        id = arrayOf(type).type;
        break;
      default:
        return -1;
    }
  }
  return -1;
}

function bounded(elements: u64, size: u32): i64 {
  const total = elements * size;
  return total > u32.MAX_VALUE ? -1 : i64(total);
}
