/**
 * The order in which this process and the kernel see each other's changes of memory that they share.
 *
 * @module
 */
import { libc } from "./libc.ts";
import type { SharedMemory } from "./shared_memory.ts";
import { HOST_IS_LITTLE_ENDIAN } from "./struct.ts";

/** Size of a page: 4 KiB, on arm64 also 16 or 64. */
export function pageSize(): number {
  return libc().getpagesize();
}

const fence = new Int32Array(new SharedArrayBuffer(4));

/**
 * Keeps what the source reads and writes before it before what it reads and writes after it, also for copies
 * from and to shared memory, which are plain reads and writes.
 *
 * JavaScript's atomics are sequentially consistent. On x86-64 such a store is a locked instruction, thus a full
 * barrier. On arm64 it is a store-release, which nothing before passes, and such a load a load-acquire,
 * which nothing after passes; the two keep their order (Arm Architecture Reference Manual, B2.3, "barrier-ordered-before").
 */
export function orderMemory(): void {
  Atomics.store(fence, 0, 0);
  Atomics.load(fence, 0);
}

const word = new DataView(new ArrayBuffer(8));
const wordBytes = new Uint8Array(word.buffer);

/**
 * Reads an aligned word.
 *
 * glibc copies 8 bytes with one load and one store on both architectures, or with two of the same
 * (`sysdeps/x86_64/multiarch/memmove-vec-unaligned-erms.S`, `sysdeps/aarch64/memcpy.S`): a word that changes
 * meanwhile is read as it was before or after.
 */
export function readWord(memory: SharedMemory, offset: number): bigint {
  memory.readInto(offset, wordBytes);
  return word.getBigUint64(0, HOST_IS_LITTLE_ENDIAN);
}

/** Writes an aligned word; see {@linkcode readWord}. */
export function writeWord(memory: SharedMemory, offset: number, value: bigint): void {
  word.setBigUint64(0, value, HOST_IS_LITTLE_ENDIAN);
  memory.write(offset, wordBytes);
}
