/** Values of TypeScript as values in C's layout, by their types. @module */
import {
  type Btf,
  BtfKind,
  type BtfType,
  enumeratorsOf,
  intEncoding,
  resolveType,
  sizeOfType,
} from "./btf.ts";
import { bitsOf, bytesAt, isCharArray, isSigned, membersOf, type Place, placeOf, visit } from "./place.ts";

/**
 * What can be stored as a value of a C type: all that {@linkcode BtfValue} has, enumerators by their names, and a
 * `Uint8Array` for an array of as many integers of one byte, such as `char[16]`: the one way to store a text that is
 * not UTF-8, or that goes on after a NUL.
 */
export type BtfInput = number | bigint | boolean | string | Uint8Array | readonly BtfInput[] | {
  readonly [name: string]: BtfInput;
};

/** Where a value goes, and how far it has got. */
interface Target extends Place {
  readonly btf: Btf;
  /** What is written, for errors. */
  readonly what: string;
  /** Members and indexes on the way to the part that is being written. */
  readonly path: (string | number)[];
}

/** The part that is being written: ` in corners[2].x of the value of map shapes`. */
function placeName({ path, what }: Target): string {
  const inside = path.map((step) => typeof step === "number" ? `[${step}]` : `.${step}`).join("");
  const names = [inside.replace(/^\./, ""), what].filter((name) => name !== "");
  return names.length === 0 ? "" : ` in ${names.join(" of ")}`;
}

/** Longer ones are cut off in errors. */
const LONGEST_SHOWN = 80;

/** JSON has no bigints. */
function integersAsTexts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, BtfInput>> {
  return Object.prototype.toString.call(value) === "[object Object]";
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  const hasJson = typeof value === "string" || Array.isArray(value) || isPlainObject(value);
  const text = hasJson ? JSON.stringify(value, integersAsTexts) : String(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}

/** What C calls kinds of types before their names. */
const KEYWORDS: Readonly<Record<number, string>> = {
  [BtfKind.STRUCT]: "struct",
  [BtfKind.UNION]: "union",
  [BtfKind.ENUM]: "enum",
  [BtfKind.ENUM64]: "enum",
};

const QUALIFIERS: ReadonlySet<number> = new Set([
  BtfKind.CONST,
  BtfKind.VOLATILE,
  BtfKind.RESTRICT,
  BtfKind.TYPE_TAG,
]);

/** Types nested deeper than this have no name that anybody would read. */
const MAX_NAME_DEPTH = 8;

/** The type's name as the source has it. */
function typeName(btf: Btf, id: number, depth = 0): string {
  const type = btf.types[id];
  if (type === undefined || depth > MAX_NAME_DEPTH) return "a value of this type";
  if (QUALIFIERS.has(type.kind)) return typeName(btf, type.sizeOrType, depth + 1);
  if (type.array !== undefined) return `${typeName(btf, type.array.type, depth + 1)}[${type.array.length}]`;
  if (type.kind === BtfKind.PTR) return "a pointer";
  return [KEYWORDS[type.kind], type.name].filter(Boolean).join(" ") || "a value of this type";
}

function mismatch(target: Target, id: number, value: unknown, remedy = ""): TypeError {
  return new TypeError(
    `Cannot store ${show(value)} as ${typeName(target.btf, id)}${placeName(target)}${remedy}`,
  );
}

/** The least and the largest value of an integer type. */
function rangeOf(btf: Btf, type: BtfType, bits: number): readonly [least: bigint, largest: bigint] {
  if (type.kind === BtfKind.INT && intEncoding(btf, type).bool) return [0n, 1n];
  const width = BigInt(bits);
  return isSigned(btf, type) ? [-(1n << width - 1n), (1n << width - 1n) - 1n] : [0n, (1n << width) - 1n];
}

function toInteger(target: Target, id: number, type: BtfType, value: BtfInput): bigint {
  if (typeof value === "string" && type.kind !== BtfKind.INT) {
    const named = enumeratorsOf(target.btf, type).find(([name]) => name === value)?.[1];
    if (named !== undefined) return named;
  }
  if (typeof value === "bigint" || typeof value === "boolean") return BigInt(value);
  if (typeof value !== "number" || !Number.isInteger(value)) throw mismatch(target, id, value);
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(
      `Cannot store ${value} as ${typeName(target.btf, id)}${
        placeName(target)
      }: numbers are not exact there; ` +
        "give a bigint",
    );
  }
  return BigInt(value);
}

function writeBits(view: DataView, bitOffset: number, bits: number, value: bigint): void {
  for (let bit = 0; bit < bits; bit++) {
    const at = bitOffset + bit;
    const mask = 1 << at % 8;
    const byte = view.getUint8(at >> 3);
    view.setUint8(at >> 3, (value >> BigInt(bit) & 1n) === 1n ? byte | mask : byte & ~mask);
  }
}

function encodeInteger(
  target: Target,
  id: number,
  bitOffset: number,
  bitSize: number,
  value: BtfInput,
): void {
  const { btf, view } = target;
  const type = resolveType(btf, id);
  const bits = bitsOf(btf, type, bitSize);
  const integer = toInteger(target, id, type, value);
  const [least, largest] = rangeOf(btf, type, bits);
  if (integer < least || integer > largest) {
    throw new RangeError(
      `Cannot store ${integer} as ${typeName(btf, id)}${placeName(target)}: it takes ${least} to ${largest}`,
    );
  }
  writeBits(view, bitOffset, bits, integer);
}

function encodeText(target: Target, id: number, at: number, length: number, value: string): void {
  if (value.includes("\0")) throw mismatch(target, id, value, ": NUL ends a text; store a Uint8Array");
  const text = new TextEncoder().encode(value);
  if (text.length > length) throw mismatch(target, id, value, `: it has ${text.length} bytes`);
  const place = bytesAt(target.view, at, length);
  place.fill(0);
  place.set(text);
}

/** Whether bytes are the elements themselves. */
function isByteArray(btf: Btf, element: number): boolean {
  const { kind, sizeOrType } = resolveType(btf, element);
  return kind === BtfKind.INT && sizeOrType === 1;
}

function encodeArray(target: Target, id: number, bitOffset: number, value: BtfInput, depth: number): void {
  const { btf, view, path } = target;
  const { array } = resolveType(btf, id);
  if (array === undefined) throw mismatch(target, id, value);
  const { type: element, length } = array;
  const at = bitOffset / 8;
  if (typeof value === "string" && isCharArray(btf, element)) {
    return encodeText(target, id, at, length, value);
  }
  if (value instanceof Uint8Array && isByteArray(btf, element)) {
    if (value.length !== length) throw mismatch(target, id, value);
    return bytesAt(view, at, length).set(value);
  }
  if (!Array.isArray(value) || value.length > length) throw mismatch(target, id, value);
  const stride = sizeOfType(btf, element) * 8;
  // Not forEach, which passes over what is missing.
  for (const [index, item] of value.entries()) {
    path.push(index);
    encodeAt(target, element, bitOffset + index * stride, 0, item, depth + 1);
    path.pop();
  }
}

function encodeMembers(target: Target, id: number, bitOffset: number, value: BtfInput, depth: number): void {
  if (!isPlainObject(value)) throw mismatch(target, id, value);
  const { btf, path } = target;
  const entries = new Map(Object.entries(value));
  const written = new Set<string>();
  const encodeInside = (inside: BtfType, base: number, depth: number): void => {
    for (const { name, type, bitOffset: offset, bitSize } of membersOf(btf, inside)) {
      const member = resolveType(btf, type);
      visit(btf, member, target, depth);
      // The members of an anonymous structure belong to the one around it.
      if (name === "") {
        encodeInside(member, base + offset, depth + 1);
      } else if (entries.has(name)) {
        path.push(name);
        encodeAt(target, type, base + offset, bitSize, entries.get(name)!, depth);
        path.pop();
        written.add(name);
      }
    }
  };
  encodeInside(resolveType(btf, id), bitOffset, depth + 1);
  const unknown = entries.keys().find((name) => !written.has(name));
  if (unknown === undefined) return;
  throw new RangeError(
    `Cannot store ${unknown || '""'}${placeName(target)}: ${typeName(btf, id)} has no such member`,
  );
}

function encodeAt(
  target: Target,
  id: number,
  bitOffset: number,
  bitSize: number,
  value: BtfInput,
  depth: number,
): void {
  const { btf, view } = target;
  const type = resolveType(btf, id);
  visit(btf, type, target, depth);
  switch (type.kind) {
    case BtfKind.INT:
    case BtfKind.ENUM:
    case BtfKind.ENUM64:
    case BtfKind.PTR:
      return encodeInteger(target, id, bitOffset, bitSize, value);
    case BtfKind.FLOAT:
      if (typeof value !== "number") throw mismatch(target, id, value);
      return type.sizeOrType === 4
        ? view.setFloat32(bitOffset / 8, value, true)
        : view.setFloat64(bitOffset / 8, value, true);
    case BtfKind.STRUCT:
    case BtfKind.UNION:
      return encodeMembers(target, id, bitOffset, value, depth);
  }
  return encodeArray(target, id, bitOffset, value, depth);
}

/**
 * Writes a value over what is there; members and elements that it leaves out stay as they are.
 *
 * @param btf the types
 * @param id the value's type
 * @param bytes where to write; at least as many as the type has
 * @param value a value of that type
 * @param what what is written, for errors: `variable started`
 * @throws {ObjectError} if the type is malformed
 * @throws {TypeError} if the value is not of that type
 * @throws {RangeError} if a number does not fit or is not exact, a member does not exist, or there are fewer bytes
 */
export function encodeValue(btf: Btf, id: number, bytes: Uint8Array, value: BtfInput, what = ""): void {
  encodeAt({ ...placeOf(bytes), btf, what, path: [] }, id, 0, 0, value, 0);
}
