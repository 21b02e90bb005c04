/** Builds BTF for tests, type by type; what it writes may be as wrong as a test wants. @module */
import { BtfKind } from "./btf.ts";

/** A member: its name, type, offset in bits, and bits if it is a bit-field. */
export type TestMember = readonly [name: string, type: number, bitOffset: number, bits?: number];

const encoder = new TextEncoder();
const INT_SIGNED = 1 << 24;

/** Collects types; each method returns the id of the type that it added. */
export class BtfBuilder {
  readonly #strings: number[];
  readonly #words: number[] = [];
  readonly #firstString: number;
  #count: number;

  /** @param base what this blob is split off, complete: ids and string offsets go on where its own end */
  constructor(base?: BtfBuilder) {
    this.#strings = base === undefined ? [0] : [];
    this.#firstString = base === undefined ? 0 : base.#strings.length;
    this.#count = base === undefined ? 1 : base.#count;
  }

  /** The offset of a string that the blob holds from now on. */
  string(text: string): number {
    if (text === "") return 0;
    const offset = this.#firstString + this.#strings.length;
    this.#strings.push(...encoder.encode(`${text}\0`));
    return offset;
  }

  /** Any type: `info` as the header of each type has it, and the words that follow. */
  add(name: string, info: number, sizeOrType: number, extra: readonly number[] = []): number {
    this.#words.push(this.string(name), info, sizeOrType, ...extra);
    return this.#count++;
  }

  #kind(kind: number, name: string, sizeOrType: number, extra: readonly number[] = [], vlen = 0): number {
    return this.add(name, kind << 24 | vlen, sizeOrType, extra);
  }

  int(name: string, size: number, { signed = false } = {}): number {
    return this.#kind(BtfKind.INT, name, size, [(signed ? INT_SIGNED : 0) | size * 8]);
  }

  pointer(type: number): number {
    return this.#kind(BtfKind.PTR, "", type);
  }

  /** The index is of type 1, which has to be an integer if a kernel shall take the blob. */
  array(type: number, length: number): number {
    return this.#kind(BtfKind.ARRAY, "", 0, [type, 1, length]);
  }

  typedef(name: string, type: number): number {
    return this.#kind(BtfKind.TYPEDEF, name, type);
  }

  const(type: number): number {
    return this.#kind(BtfKind.CONST, "", type);
  }

  /** A declaration of a structure, or of a union. */
  forward(name: string, { union = false } = {}): number {
    return this.add(name, (union ? 1 << 31 : 0) | BtfKind.FWD << 24, 0);
  }

  prototype(result: number, parameters: readonly number[]): number {
    return this.#kind(
      BtfKind.FUNC_PROTO,
      "",
      result,
      parameters.flatMap((type) => [0, type]),
      parameters.length,
    );
  }

  function(name: string, prototype: number): number {
    return this.#kind(BtfKind.FUNC, name, prototype);
  }

  #composite(kind: number, name: string, size: number, members: readonly TestMember[]): number {
    const withBits = members.some(([, , , bits]) => bits !== undefined);
    const flag = withBits ? 1 << 31 : 0;
    const extra = members.flatMap(([name, type, offset, bits = 0]) => [
      this.string(name),
      type,
      withBits ? bits << 24 | offset : offset,
    ]);
    return this.add(name, flag | kind << 24 | members.length, size, extra);
  }

  struct(name: string, size: number, members: readonly TestMember[]): number {
    return this.#composite(BtfKind.STRUCT, name, size, members);
  }

  union(name: string, size: number, members: readonly TestMember[]): number {
    return this.#composite(BtfKind.UNION, name, size, members);
  }

  /** An enumeration of 32 bits; signed if a value is negative. */
  enumeration(name: string, values: readonly (readonly [name: string, value: number])[]): number {
    const flag = values.some(([, value]) => value < 0) ? 1 << 31 : 0;
    const extra = values.flatMap(([name, value]) => [this.string(name), value]);
    return this.add(name, flag | BtfKind.ENUM << 24 | values.length, 4, extra);
  }

  enumeration64(name: string, values: readonly (readonly [name: string, value: bigint])[]): number {
    const extra = values.flatMap(([name, value]) => [
      this.string(name),
      Number(value & 0xffffffffn),
      Number(value >> 32n),
    ]);
    return this.#kind(BtfKind.ENUM64, name, 8, extra, values.length);
  }

  variable(name: string, type: number): number {
    return this.#kind(BtfKind.VAR, name, type, [1]);
  }

  dataSection(name: string, variables: readonly (readonly [type: number, offset: number, size: number])[]) {
    return this.#kind(BtfKind.DATASEC, name, 0, variables.flat(), variables.length);
  }

  /** The blob; `layout` makes it one of Linux 7.1, with the sizes of a record and of its elements by kind. */
  build({ layout }: { layout?: readonly (readonly [fixed: number, each: number])[] } = {}): Uint8Array<
    ArrayBuffer
  > {
    const types = new Uint8Array(Uint32Array.from(this.#words, (word) => word >>> 0).buffer);
    const layoutBytes = (layout ?? []).flatMap(([fixed, each]) => [fixed, each, 0, 0]);
    const stringsAt = types.length + layoutBytes.length;
    const header = [0xeb9f | 1 << 16, 24, 0, types.length, stringsAt, this.#strings.length];
    if (layout !== undefined) {
      header[1] = 32;
      header.push(types.length, layoutBytes.length);
    }
    const head = new Uint8Array(Uint32Array.from(header).buffer);
    return Uint8Array.from([...head, ...types, ...layoutBytes, ...this.#strings]);
  }
}
