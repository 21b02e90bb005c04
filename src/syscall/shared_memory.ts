/** Memory that is shared with the kernel by `mmap(2)`. @module */
import { readErrno, SyscallError } from "./errno.ts";
import type { FileDescriptor } from "./fd.ts";
import { libc } from "./libc.ts";

/** Source: `include/uapi/asm-generic/mman-common.h`, and `MAP_FAILED` in `man 2 mmap`. */
const PROT_READ_WRITE = 1 | 2;
const MAP_SHARED = 1;
const MAP_FAILED = -1n;

/** The first bytes of a file, read and written in place; closing it unmaps them. */
export class SharedMemory implements Disposable {
  readonly #length: number;
  #address: bigint | undefined;

  private constructor(address: bigint, length: number) {
    this.#address = address;
    this.#length = length;
  }

  /**
   * Maps the first `length` bytes of a file to be read and written.
   *
   * @param fd the file
   * @param length how many bytes
   * @param what what it is, for errors
   * @throws {SyscallError} if the kernel refuses
   */
  static of(fd: FileDescriptor, length: number, what: string): SharedMemory {
    const address = BigInt(libc().mmap(0n, BigInt(length), PROT_READ_WRITE, MAP_SHARED, fd.number, 0n));
    if (address === MAP_FAILED) throw new SyscallError(`share the memory of ${what}`, "mmap", readErrno());
    return new SharedMemory(address, length);
  }

  /** Where some bytes are, after it is certain that they are there. */
  #at(offset: number, length: number): bigint {
    if (this.#address === undefined) throw new Error("Cannot use shared memory: it is unmapped");
    if (offset >= 0 && offset + length <= this.#length) return this.#address + BigInt(offset);
    throw new RangeError(`Cannot use ${length} bytes at offset ${offset} of ${this.#length} shared ones`);
  }

  /**
   * A copy of some bytes.
   *
   * @throws {RangeError} if they lie outside
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(new ArrayBuffer(length));
    libc().read_memory(bytes, this.#at(offset, length), BigInt(length));
    return bytes;
  }

  /**
   * Writes some bytes.
   *
   * @throws {RangeError} if they lie outside
   */
  write(offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    libc().write_memory(this.#at(offset, bytes.length), bytes, BigInt(bytes.length));
  }

  /** Unmaps the memory. */
  close(): void {
    if (this.#address !== undefined) libc().munmap(this.#address, BigInt(this.#length));
    this.#address = undefined;
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
