/**
 * Mends BTF that a compiler has left wrong.
 *
 * clang -O2 keeps only as much of a static variable as the program uses: one byte of an `int` that is only ever 0 or
 * 1, one member of a structure. The BTF then has the variable's type as it was and its size as it is, and the kernel
 * refuses all of it ("Invalid size", `btf_datasec_resolve()` in kernel/bpf/btf.c).
 *
 * @module
 */
import { ObjectError } from "../object_error.ts";
import { btfBlob } from "./blob.ts";
import { type Btf, BtfKind, dataSections, parseBtf, sizeOfType } from "./btf.ts";

/** Bytes before a variable's type in its record. */
const TYPE_AT = 8;

/** Undefined if the type has no size, which is for the kernel to judge. */
function sizeOf(btf: Btf, id: number): number | undefined {
  try {
    return sizeOfType(btf, id);
  } catch (error) {
    if (error instanceof ObjectError) return undefined;
    throw error;
  }
}

/** What has more variables is made to take time: each may have a type of many others. */
const MAX_VARIABLES = 10_000;

/** Ids and sizes of variables that are smaller than their types. */
function shrunkVariables(btf: Btf): { readonly id: number; readonly size: number }[] {
  const all = dataSections(btf).flatMap(({ variables }) => variables);
  if (all.length > MAX_VARIABLES) return [];
  return all.filter(({ type: id, size }) => {
    const variable = btf.types[id];
    return variable?.kind === BtfKind.VAR && size < (sizeOf(btf, variable.sizeOrType) ?? 0);
  }).map(({ type: id, size }) => ({ id, size }));
}

/**
 * Gives each variable that is smaller than its type another type of its size, a structure without members at the end
 * of all types. Ids and names stay what they are.
 *
 * @param image BTF that the kernel refuses
 * @returns the mended BTF, or undefined if there is nothing to mend
 */
export function mendedBtf(image: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  const btf = parseBtf(image);
  const shrunk = shrunkVariables(btf);
  if (shrunk.length === 0) return undefined;
  const { section, types } = btf;
  const whole = image.slice();
  const view = new DataView(whole.buffer);
  shrunk.forEach(({ id }, index) => view.setUint32(types[id]!.offset + TYPE_AT, types.length + index, true));
  const added = Uint32Array.from(shrunk.flatMap(({ size }) => [0, BtfKind.STRUCT << 24, size]));
  const headerLength = section.readU32(4);
  const part = (at: number) => {
    const start = headerLength + section.readU32(at);
    return whole.subarray(start, start + section.readU32(at + 4));
  };
  const [oldTypes, strings] = [part(8), part(16)] as const;
  return btfBlob(section.readU32(0), [oldTypes, new Uint8Array(added.buffer)], strings);
}
