/**
 * Memory that this process shares with the kernel: files that are mapped and stay so.
 *
 * Their bytes are copied in and out: views of such memory would need `--allow-ffi` for everything.
 *
 * @module
 */
import { checked } from "./errno.ts";
import type { FileDescriptor } from "./fd.ts";
import { libc } from "./libc.ts";
import { HOST_IS_LITTLE_ENDIAN } from "./struct.ts";

/** Source: `include/uapi/asm-generic/mman-common.h`. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/** Size of a page: 4 KiB, on arm64 also 16 or 64. */
export function pageSize(): number {
  return libc().getpagesize();
}

const fence = new Int32Array(new SharedArrayBuffer(4));

/**
 * Keeps what the source reads and writes before it before what it reads and writes after it, also for copies
 * from and to mapped memory, which are plain reads and writes.
 *
 * JavaScript's atomics are sequentially consistent. On x86-64 such a store is a locked instruction, thus a full
 * barrier. On arm64 it is a store-release, which nothing before passes, and such a load a load-acquire,
 * which nothing after passes; the two keep their order (Arm Architecture Reference Manual, B2.3, "barrier-ordered-before").
 */
export function orderMemory(): void {
  Atomics.store(fence, 0, 0);
  Atomics.load(fence, 0);
}

/** Which part of a file is mapped, and how. */
export interface MappingOptions {
  /** Where the part begins, in bytes: a multiple of the page's size. */
  readonly offset: number;
  /** How long it is, in bytes. */
  readonly length: number;
  /** Whether it is written, too. */
  readonly isWritten?: boolean;
}

/** A part of a file in memory, until it is closed. */
export class MappedMemory implements Disposable {
  readonly #address: bigint;
  readonly #length: number;
  readonly #what: string;
  readonly #word = new DataView(new ArrayBuffer(8));
  readonly #wordBytes = new Uint8Array(this.#word.buffer);
  #isOpen = true;

  /**
   * Maps a part of a file.
   *
   * @param fd the file
   * @param options which part
   * @param what what it is, for errors
   * @throws {SyscallError} if it cannot be mapped
   */
  constructor(fd: FileDescriptor, { offset, length, isWritten = false }: MappingOptions, what: string) {
    this.#length = length;
    this.#what = what;
    const protection = isWritten ? PROT_READ | PROT_WRITE : PROT_READ;
    const address = libc().mmap(0n, BigInt(length), protection, MAP_SHARED, fd.number, BigInt(offset));
    checked(address, "mmap", () => `map ${what}`);
    this.#address = BigInt(address);
  }

  /** The address of some bytes, all of which are mapped. */
  #addressOf(offset: number, length: number): bigint {
    if (!this.#isOpen) throw new Error(`Cannot use ${this.#what}: it is closed`);
    if (offset < 0 || offset + length > this.#length) {
      throw new RangeError(
        `Cannot use ${length} bytes at ${offset} of ${this.#what}: it has ${this.#length} bytes`,
      );
    }
    return this.#address + BigInt(offset);
  }

  /** Copies bytes to `target`, as many as it has. */
  read(offset: number, target: Uint8Array<ArrayBuffer>): void {
    libc().read_memory(target, this.#addressOf(offset, target.length), BigInt(target.length));
  }

  /**
   * Reads an aligned word.
   *
   * glibc copies 8 bytes with one load and one store on both architectures, or with two of the same
   * (`sysdeps/x86_64/multiarch/memmove-vec-unaligned-erms.S`, `sysdeps/aarch64/memcpy.S`): a word that changes
   * meanwhile is read as it was before or after.
   */
  readWord(offset: number): bigint {
    libc().read_memory(this.#wordBytes, this.#addressOf(offset, 8), 8n);
    return this.#word.getBigUint64(0, HOST_IS_LITTLE_ENDIAN);
  }

  /** Writes an aligned word; see {@linkcode readWord}. */
  writeWord(offset: number, value: bigint): void {
    this.#word.setBigUint64(0, value, HOST_IS_LITTLE_ENDIAN);
    libc().write_memory(this.#addressOf(offset, 8), this.#wordBytes, 8n);
  }

  /** Takes the mapping away. */
  close(): void {
    if (this.#isOpen) libc().munmap(this.#address, BigInt(this.#length));
    this.#isOpen = false;
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
