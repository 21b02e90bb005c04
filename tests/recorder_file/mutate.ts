/** Damage to a recorder file, as disks, kernels and people do it. @module */
import {
  FORMAT_VERSION,
  pageOf,
  SEGMENT_BYTES,
  segmentOffset,
  storedSegments,
} from "../../src/recorder/file/format.ts";
import type { Random } from "../fuzz/random.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A range that is often short and sometimes most of the file. */
function range(random: Random, bytes: Bytes): { from: number; to: number } {
  const from = random.below(bytes.length);
  const length = random.below(Math.max(2, bytes.length >>> random.below(18)));
  return { from, to: Math.min(bytes.length, from + 1 + length) };
}

function slot(random: Random, bytes: Bytes): number {
  return segmentOffset(random.below(storedSegments(bytes.length)));
}

const CHANGES: Readonly<Record<string, (bytes: Bytes, random: Random) => Bytes>> = {
  "bits flipped": (bytes, random) => {
    for (let left = 1 + random.below(64); left > 0; left--) {
      bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    }
    return bytes;
  },
  "one bit flipped": (bytes, random) => {
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  "cut off": (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  "a range zeroed": (bytes, random) => {
    const { from, to } = range(random, bytes);
    return bytes.fill(0, from, to);
  },
  "a range of noise": (bytes, random) => {
    const { from, to } = range(random, bytes);
    for (let index = from; index < to; index++) bytes[index] = random.next();
    return bytes;
  },
  "a range copied elsewhere": (bytes, random) => {
    const { from, to } = range(random, bytes);
    return bytes.copyWithin(random.below(bytes.length), from, to);
  },
  "a range taken out": (bytes, random) => {
    const { from, to } = range(random, bytes);
    return bytes.copyWithin(from, to);
  },
  "garbage appended": (bytes, random) => {
    const longer = new Uint8Array(bytes.length + 1 + random.below(600_000));
    longer.set(bytes);
    for (let index = bytes.length; index < longer.length; index += 7) longer[index] = random.next();
    return longer;
  },
  "segments swapped": (bytes, random) => {
    const [a, b] = [slot(random, bytes), slot(random, bytes)];
    const kept = bytes.slice(a, a + SEGMENT_BYTES);
    bytes.copyWithin(a, b, b + SEGMENT_BYTES);
    bytes.set(kept.subarray(0, bytes.length - b), b);
    return bytes;
  },
  "a segment twice": (bytes, random) => bytes.copyWithin(slot(random, bytes), slot(random, bytes)),
  "half a segment twice": (bytes, random) => {
    const from = slot(random, bytes);
    return bytes.copyWithin(slot(random, bytes), from, from + random.below(SEGMENT_BYTES));
  },
  "another version": (bytes, random) => {
    bytes.set(pageOf(FORMAT_VERSION + 1 + random.below(9)));
    return bytes;
  },
  "segments of another version": (bytes, random) => {
    bytes[slot(random, bytes) + 7]! += 1 + random.below(8);
    return bytes;
  },
};

/** What can happen to a file. */
export const CHANGE_NAMES = Object.keys(CHANGES);

/** A file with one to three changes, and their names. */
export function damaged(
  original: Uint8Array,
  buffer: Bytes,
  random: Random,
): { readonly bytes: Bytes; readonly changes: readonly string[] } {
  let bytes = buffer;
  bytes.set(original);
  const changes: string[] = [];
  for (let left = 1 + random.below(3); left > 0 && bytes.length > SEGMENT_BYTES; left--) {
    const name = random.pick(CHANGE_NAMES);
    bytes = CHANGES[name]!(bytes, random);
    changes.push(name);
  }
  return { bytes, changes };
}
