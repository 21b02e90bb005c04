/**
 * BTF of an object file: types as values, for map definitions, global data and variables.
 *
 * The kernel's BTF, which is a hundred times larger, never comes here: see `core.ts`.
 * Format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h of Linux.
 *
 * @module
 */
import { ByteReader } from "../byte_reader.ts";

/** Kinds of types. */
export const BtfKind = {
  VOID: 0,
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** A member of a structure or union. */
export interface BtfMember {
  /** Its name; empty if it is anonymous. */
  readonly name: string;
  /** Id of its type. */
  readonly type: number;
  /** Where it is in the structure, in bits. */
  readonly bitOffset: number;
}

/** A variable in a data section. */
export interface BtfVariable {
  /** Id of the variable. */
  readonly type: number;
  /** Where it is in the section, in bytes. */
  readonly offset: number;
  /** Its size in bytes. */
  readonly size: number;
}

/** One type. */
export interface BtfType {
  /** Its number, from 1 on; 0 is void. */
  readonly id: number;
  /** One of {@linkcode BtfKind}. */
  readonly kind: number;
  /** Its name; empty if it is anonymous. */
  readonly name: string;
  /** Size in bytes, or the id of the type it refers to: which, depends on the kind. */
  readonly sizeOrType: number;
  /** Members of a structure or union. */
  readonly members: readonly BtfMember[];
  /** Variables of a data section. */
  readonly variables: readonly BtfVariable[];
  /** Of an array: id of the element type and number of elements. */
  readonly array: { readonly type: number; readonly length: number } | undefined;
  /** Where the type begins in the blob, in bytes. */
  readonly offset: number;
}

/** The types of an object by id; id 0 is void. */
export interface Btf {
  /** All types by id. */
  readonly types: readonly BtfType[];
  /** The strings that names are in. */
  readonly strings: ByteReader;
  /** The whole section, for what is read only where it is needed; see {@linkcode linkageOf} and the like. */
  readonly section: ByteReader;
}

const HEADER_SIZE = 24;
const TYPE_SIZE = 12;

/** What `.BTF` and `.BTF.ext` begin with. */
export const BTF_MAGIC = 0xeb9f;

/** Bytes that follow a type of each kind: fixed, and for each of its elements. */
const EXTRA_SIZES: ReadonlyMap<number, readonly [fixed: number, each: number]> = new Map([
  [BtfKind.INT, [4, 0]],
  [BtfKind.PTR, [0, 0]],
  [BtfKind.ARRAY, [12, 0]],
  [BtfKind.STRUCT, [0, 12]],
  [BtfKind.UNION, [0, 12]],
  [BtfKind.ENUM, [0, 8]],
  [BtfKind.FWD, [0, 0]],
  [BtfKind.TYPEDEF, [0, 0]],
  [BtfKind.VOLATILE, [0, 0]],
  [BtfKind.CONST, [0, 0]],
  [BtfKind.RESTRICT, [0, 0]],
  [BtfKind.FUNC, [0, 0]],
  [BtfKind.FUNC_PROTO, [0, 8]],
  [BtfKind.VAR, [4, 0]],
  [BtfKind.DATASEC, [0, 12]],
  [BtfKind.FLOAT, [0, 0]],
  [BtfKind.DECL_TAG, [4, 0]],
  [BtfKind.TYPE_TAG, [0, 0]],
  [BtfKind.ENUM64, [0, 12]],
]);

const isComposite = (kind: number) => kind === BtfKind.STRUCT || kind === BtfKind.UNION;

/** Bytes of a member and of a variable. */
const ELEMENT_SIZE = 12;

/**
 * A type that is read when it is asked for: of the types of an object few are, and a hostile one may have
 * as many as it has dozens of bytes.
 */
class LazyType implements BtfType {
  readonly id: number;
  readonly kind: number;
  readonly offset: number;
  readonly #section: ByteReader;
  readonly #strings: ByteReader;
  #name: string | undefined;
  #members: readonly BtfMember[] | undefined;

  constructor(id: number, kind: number, offset: number, section: ByteReader, strings: ByteReader) {
    this.id = id;
    this.kind = kind;
    this.offset = offset;
    this.#section = section;
    this.#strings = strings;
  }

  get name(): string {
    return this.#name ??= this.id === 0
      ? "void"
      : this.#strings.readString(this.#section.readU32(this.offset));
  }

  get sizeOrType(): number {
    return this.id === 0 ? 0 : this.#section.readU32(this.offset + 8);
  }

  #elements<T>(read: (at: number) => T): T[] {
    const length = this.#section.readU32(this.offset + 4) & 0xffffff;
    const first = this.offset + TYPE_SIZE;
    return Array.from({ length }, (_, index) => read(first + index * ELEMENT_SIZE));
  }

  get members(): readonly BtfMember[] {
    return this.#members ??= isComposite(this.kind) ? this.#readMembers() : [];
  }

  #readMembers(): BtfMember[] {
    const section = this.#section;
    const hasBitFields = section.readU32(this.offset + 4) >>> 31 !== 0;
    return this.#elements((at) => ({
      name: this.#strings.readString(section.readU32(at)),
      type: section.readU32(at + 4),
      bitOffset: hasBitFields ? section.readU32(at + 8) & 0xffffff : section.readU32(at + 8),
    }));
  }

  get variables(): readonly BtfVariable[] {
    if (this.kind !== BtfKind.DATASEC) return [];
    const section = this.#section;
    return this.#elements((at) => ({
      type: section.readU32(at),
      offset: section.readU32(at + 4),
      size: section.readU32(at + 8),
    }));
  }

  get array(): { readonly type: number; readonly length: number } | undefined {
    if (this.kind !== BtfKind.ARRAY) return undefined;
    const at = this.offset + TYPE_SIZE;
    return { type: this.#section.readU32(at), length: this.#section.readU32(at + 8) };
  }
}

/**
 * Parses a `.BTF` section.
 *
 * Types are read from these bytes when they are asked for.
 *
 * @param bytes the section; only sizes and offsets in data sections may change later
 * @throws {ObjectError} if a part lies outside of the section, or a kind is unknown
 */
export function parseBtf(bytes: Uint8Array): Btf {
  const reader = new ByteReader(bytes, ".BTF");
  if (reader.readU16(0) !== BTF_MAGIC) throw reader.error(0, "no BTF magic");
  const headerLength = reader.readU32(4);
  if (headerLength < HEADER_SIZE) throw reader.error(4, `a header of ${headerLength} bytes`);
  const start = headerLength + reader.readU32(8);
  const end = start + reader.readU32(12);
  if (end > reader.length) throw reader.error(12, `types end at ${end}, the section at ${reader.length}`);
  const strings = new ByteReader(
    reader.slice(headerLength + reader.readU32(16), reader.readU32(20)),
    ".BTF strings",
  );

  const types: BtfType[] = [new LazyType(0, BtfKind.VOID, 0, reader, strings)];
  const checkName = (at: number) => strings.nameEnd(reader.readU32(at));
  for (let offset = start; offset < end;) {
    const info = reader.readU32(offset + 4);
    const kind = info >>> 24 & 0x7f;
    const vlen = info & 0xffffff;
    const extra = EXTRA_SIZES.get(kind);
    if (extra === undefined) throw reader.error(offset, `unknown kind ${kind}`);
    const first = offset + TYPE_SIZE;
    const next = first + extra[0] + extra[1] * vlen;
    if (next > end) throw reader.error(offset, `type ${types.length} ends at ${next}, the types at ${end}`);
    checkName(offset);
    if (isComposite(kind)) { for (let at = first; at < next; at += ELEMENT_SIZE) checkName(at); }
    types.push(new LazyType(types.length, kind, offset, reader, strings));
    offset = next;
  }
  return { types, strings, section: reader };
}

/** Linkage of variables and functions. Source: `enum btf_func_linkage` and `BTF_VAR_*`, `include/uapi/linux/btf.h`. */
export const BtfLinkage = { STATIC: 0, GLOBAL: 1, EXTERN: 2 } as const;

/** One of {@linkcode BtfLinkage} of a variable or function. */
export function linkageOf({ section }: Btf, { kind, offset }: BtfType): number {
  return kind === BtfKind.VAR ? section.readU32(offset + TYPE_SIZE) : section.readU32(offset + 4) & 0xffff;
}

/** Encoding of an integer type. */
export interface IntEncoding {
  readonly signed: boolean;
  readonly char: boolean;
  readonly bool: boolean;
  /** Number of bits, which may be fewer than its bytes have. */
  readonly bits: number;
}

/** How an integer type is encoded. */
export function intEncoding({ section }: Btf, { offset }: BtfType): IntEncoding {
  const word = section.readU32(offset + TYPE_SIZE);
  const has = (bit: number) => (word >>> 24 & bit) !== 0;
  return { signed: has(1), char: has(2), bool: has(4), bits: word & 0xff };
}

/** The enumerators of an enumeration, of 32 or 64 bits, in their order. */
export function enumeratorsOf(btf: Btf, { kind, offset }: BtfType): [name: string, value: bigint][] {
  const { section, strings } = btf;
  const info = section.readU32(offset + 4);
  const isWide = kind === BtfKind.ENUM64;
  const stride = isWide ? 12 : 8;
  return Array.from({ length: info & 0xffffff }, (_, index) => {
    const at = offset + TYPE_SIZE + index * stride;
    const bits = BigInt(section.readU32(at + 4)) | (isWide ? BigInt(section.readU32(at + 8)) << 32n : 0n);
    const value = info >>> 31 === 0 ? bits : BigInt.asIntN(isWide ? 64 : 32, bits);
    return [strings.readString(section.readU32(at)), value];
  });
}

/** The data sections of an object, in the order of their ids. */
export function dataSections({ types }: Btf): BtfType[] {
  // By kind first: a name is only decoded where somebody asks for it.
  return types.filter(({ kind }) => kind === BtfKind.DATASEC);
}

const MODIFIERS: ReadonlySet<number> = new Set([
  BtfKind.TYPEDEF,
  BtfKind.VOLATILE,
  BtfKind.CONST,
  BtfKind.RESTRICT,
  BtfKind.TYPE_TAG,
]);

/** Sizes are 32-bit numbers for the kernel. */
const MAX_SIZE = 0xffffffff;

/** A chain of references longer than this is a loop. */
const MAX_DEPTH = 32;

/**
 * The type with this id, behind typedefs and qualifiers.
 *
 * @throws {ObjectError} if there is no such type, or the chain is a loop
 */
export function resolveType(btf: Btf, id: number): BtfType {
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    const type = btf.types[id];
    if (type === undefined) throw btf.section.error(0, `no type ${id}`);
    if (!MODIFIERS.has(type.kind)) return type;
    id = type.sizeOrType;
  }
  throw btf.section.error(0, `type ${id} refers to itself`);
}

/**
 * Size of a type in bytes.
 *
 * @throws {ObjectError} if the type has no size
 */
export function sizeOfType(btf: Btf, id: number, depth = 0): number {
  const type = resolveType(btf, id);
  switch (type.kind) {
    case BtfKind.INT:
    case BtfKind.STRUCT:
    case BtfKind.UNION:
    case BtfKind.ENUM:
    case BtfKind.ENUM64:
    case BtfKind.FLOAT:
    case BtfKind.DATASEC:
      return type.sizeOrType;
    case BtfKind.PTR:
      return 8;
  }
  if (type.array === undefined || depth === MAX_DEPTH) {
    throw btf.section.error(type.offset, `type ${id} has no size`);
  }
  const size = type.array.length * sizeOfType(btf, type.array.type, depth + 1);
  if (size > MAX_SIZE) throw btf.section.error(type.offset, `type ${id} has ${size} bytes`);
  return size;
}
