/** Changes that know nothing of a format. @module */
import type { Random } from "./random.ts";

/** Gives a changed copy. */
export type Mutator = (bytes: Uint8Array, random: Random) => Uint8Array<ArrayBuffer>;

/** Numbers at the limits of what a field can hold, and of what a table can have. */
export const INTERESTING: readonly number[] = [
  0,
  1,
  2,
  3,
  8,
  0x7f,
  0xff,
  0x7fff,
  0xffff,
  0x10000,
  0xffffff,
  0x7fffffff,
  0x80000000,
  0xfffffff8,
  0xffffffff,
];

function place(bytes: Uint8Array, random: Random, alignment = 1): number {
  return random.below(Math.ceil(bytes.length / alignment)) * alignment;
}

/** A part of the bytes, most often a short one. */
function part(bytes: Uint8Array, random: Random): Uint8Array {
  const start = place(bytes, random);
  const longest = random.below(4) === 0 ? bytes.length : 64;
  return bytes.subarray(start, start + 1 + random.below(longest));
}

function splice(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array) {
  const rest = bytes.subarray(Math.min(at + removed, bytes.length));
  const result = new Uint8Array(at + inserted.length + rest.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(rest, at + inserted.length);
  return result;
}

function changed(
  bytes: Uint8Array,
  change: (copy: Uint8Array<ArrayBuffer>) => void,
): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes);
  if (copy.length > 0) change(copy);
  return copy;
}

/** Stores as many low bytes of a number as fit. */
export function storeLittleEndian(bytes: Uint8Array, at: number, size: number, value: number): void {
  // The upper half of a field of 64 bits is the sign of the lower: -1 stays -1.
  const high = value === 0xffffffff ? 0xff : 0;
  for (let index = 0; index < size && at + index < bytes.length; index++) {
    bytes[at + index] = index < 4 ? value >>> index * 8 : high;
  }
}

/** All of them; which one is applied is drawn. */
export const RANDOM_MUTATORS: readonly Mutator[] = [
  function flipBit(bytes, random) {
    return changed(bytes, (copy) => {
      const at = place(copy, random);
      copy[at] = copy[at]! ^ 1 << random.below(8);
    });
  },
  function setByte(bytes, random) {
    return changed(bytes, (copy) => copy[place(copy, random)] = random.next());
  },
  function truncate(bytes, random) {
    return new Uint8Array(bytes.subarray(0, place(bytes, random)));
  },
  function cutOut(bytes, random) {
    return splice(bytes, place(bytes, random), part(bytes, random).length, new Uint8Array());
  },
  function duplicate(bytes, random) {
    return splice(bytes, place(bytes, random), 0, part(bytes, random));
  },
  function overwrite(bytes, random) {
    const from = part(bytes, random);
    return splice(bytes, place(bytes, random), from.length, from);
  },
  function setInteresting(bytes, random) {
    const size = random.pick([2, 4, 8]);
    return changed(bytes, (copy) => {
      storeLittleEndian(copy, place(copy, random, size), size, random.pick(INTERESTING));
    });
  },
  function insertInteresting(bytes, random) {
    const inserted = new Uint8Array(random.pick([4, 8]));
    storeLittleEndian(inserted, 0, inserted.length, random.pick(INTERESTING));
    return splice(bytes, place(bytes, random, 4), 0, inserted);
  },
];
