/**
 * An object's BTF as a kernel takes it: without what belongs to the linker, and without kinds of types that the
 * kernel does not know. Ids and names stay what they are.
 *
 * @module
 */
import type { ExternSpecs } from "../object/externs.ts";
import { btfBlob } from "./blob.ts";
import { type Btf, BtfKind, BtfLinkage, type BtfType, dataSections, linkageOf } from "./btf.ts";

const KIND_SHIFT = 24;
const KIND_FLAG = 2 ** 31;

function word(kind: number, length = 0): number {
  return (kind << KIND_SHIFT | length) >>> 0;
}

/** A pointer to void, which nothing forbids: in place of what nothing needs. */
const NOTHING = [0, word(BtfKind.PTR), 0];

/**
 * What stands for a type of a kind that is newer than 5.10, with the kernel that brought it: name, kind with
 * length, size or type.
 */
const STAND_INS: Readonly<Record<number, (name: number, sizeOrType: number) => readonly number[]>> = {
  // 5.13; without a name, for that of a structure may hold no space as in `long double`
  [BtfKind.FLOAT]: (_, size) => [0, word(BtfKind.STRUCT), size],
  // 5.16
  [BtfKind.DECL_TAG]: () => NOTHING,
  // 5.17
  [BtfKind.TYPE_TAG]: (_, type) => [0, word(BtfKind.CONST), type],
  // 6.0
  [BtfKind.ENUM64]: (name, size) => [name, word(BtfKind.STRUCT), size],
};

/** Decides what a type becomes; undefined if it stays as it is. */
class Rewriter {
  readonly #btf: Btf;
  readonly #externs: ExternSpecs;
  readonly #isKnown: (kind: number) => boolean;
  readonly #hidden: ReadonlySet<string>;
  readonly #dropped: ReadonlySet<number>;
  /** Offset and size of each option. */
  readonly #places: ReadonlyMap<string, readonly [offset: number, size: number]>;

  constructor(
    btf: Btf,
    externs: ExternSpecs,
    hidden: ReadonlySet<string>,
    isKnown: (kind: number) => boolean,
  ) {
    this.#btf = btf;
    this.#externs = externs;
    this.#isKnown = isKnown;
    this.#hidden = hidden;
    this.#places = new Map(externs.kconfig.map(({ name, offset, size }) => [name, [offset, size]]));
    const ksyms = dataSections(btf).filter(({ name }) => name === ".ksyms");
    this.#dropped = new Set(ksyms.flatMap(({ id, variables }) => [id, ...variables.map(({ type }) => type)]));
  }

  #words({ offset, id }: BtfType): number[] {
    const { types, section } = this.#btf;
    const end = types[id + 1]?.offset ?? section.readU32(4) + section.readU32(8) + section.readU32(12);
    return Array.from({ length: (end - offset) / 4 }, (_, index) => section.readU32(offset + index * 4));
  }

  /** Options at the places that the map gives them; the kernel wants them in order. */
  #placeOptions(type: BtfType): number[] {
    const records = type.variables
      .map(({ type: id }) => [id, ...this.#places.get(this.#btf.types[id]?.name ?? "") ?? [0, 0]] as const)
      .toSorted((a, b) => a[1] - b[1]);
    const [name = 0, info = 0] = this.#words(type);
    return [name, info, this.#externs.kconfigSize, ...records.flat()];
  }

  #linkage(type: BtfType, linkage: number): readonly number[] {
    const [name = 0, info = 0, sizeOrType = 0] = this.#words(type);
    return type.kind === BtfKind.VAR
      ? [name, info, sizeOrType, linkage]
      : [name, word(BtfKind.FUNC, linkage), sizeOrType];
  }

  rewrite(type: BtfType): readonly number[] | undefined {
    const { kind, id, sizeOrType } = type;
    const nameOffset = () => this.#btf.section.readU32(type.offset);
    if (this.#dropped.has(id)) return NOTHING;
    if (kind === BtfKind.DECL_TAG && this.#dropped.has(sizeOrType)) return NOTHING;
    if (kind === BtfKind.DATASEC && type.name === ".kconfig") return this.#placeOptions(type);
    if (kind === BtfKind.VAR && linkageOf(this.#btf, type) === BtfLinkage.EXTERN) {
      return this.#linkage(type, BtfLinkage.GLOBAL);
    }
    if ((kind === BtfKind.FUNC || kind === BtfKind.VAR) && this.#hidden.has(type.name)) {
      return this.#linkage(type, BtfLinkage.STATIC);
    }
    if (kind === BtfKind.ENUM && this.#btf.section.readU32(type.offset + 4) >= KIND_FLAG) {
      // Signed enumerations came with those of 64 bits.
      return this.#isKnown(BtfKind.ENUM64)
        ? undefined
        : this.#words(type).with(1, this.#words(type)[1]! - KIND_FLAG);
    }
    const standIn = STAND_INS[kind];
    return standIn === undefined || this.#isKnown(kind) ? undefined : standIn(nameOffset(), sizeOrType);
  }
}

/**
 * Makes the BTF that is loaded into the kernel with an object.
 *
 * @param btf the object's BTF, its data sections completed
 * @param externs what the object expects of the kernel
 * @param hidden global functions and variables that are hidden: of such a function the verifier has to look at each
 *   call
 * @param isKnown whether the kernel knows a kind that is newer than 5.10; asked only for kinds that occur
 * @returns the blob
 */
export function btfForKernel(
  btf: Btf,
  externs: ExternSpecs,
  hidden: ReadonlySet<string>,
  isKnown: (kind: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const rewriter = new Rewriter(btf, externs, hidden, isKnown);
  const { section, types } = btf;
  const rewritten = types.map((type) => type.id === 0 ? undefined : rewriter.rewrite(type));
  const whole = section.slice(0, section.length).slice();
  if (rewritten.every((words) => words === undefined)) return whole;

  const headerLength = section.readU32(4);
  const start = headerLength + section.readU32(8);
  const end = start + section.readU32(12);
  const stringsStart = headerLength + section.readU32(16);
  const strings = whole.subarray(stringsStart, stringsStart + section.readU32(20));
  const parts = types.slice(1).map(({ id, offset }) => {
    const words = rewritten[id];
    return words === undefined
      ? whole.subarray(offset, types[id + 1]?.offset ?? end)
      : new Uint8Array(Uint32Array.from(words).buffer);
  });
  return btfBlob(section.readU32(0), parts, strings);
}
