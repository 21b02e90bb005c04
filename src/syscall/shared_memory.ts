/**
 * Memory that this process shares with the kernel: files that are mapped (`mmap(2)`) and stay so.
 *
 * Their bytes are copied in and out: views of such memory would need `--allow-ffi` for everything.
 *
 * @module
 */
import { checked } from "./errno.ts";
import type { FileDescriptor } from "./fd.ts";
import { libc } from "./libc.ts";

/** Source: `include/uapi/asm-generic/mman-common.h`. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

/** Which part of a file is mapped, and how. */
export interface SharedPart {
  /** Where the part begins, in bytes: a multiple of the page's size; the file's beginning unless given. */
  readonly offset?: number;
  /** How long it is, in bytes. */
  readonly length: number;
  /** Whether it is written, too. */
  readonly isWritten: boolean;
}

/** A part of a file, read and written in place until it is closed. */
export class SharedMemory implements Disposable {
  readonly #length: number;
  readonly #what: string;
  #address: bigint | undefined;

  /**
   * Maps a part of a file.
   *
   * @param fd the file
   * @param part which part
   * @param what what it is, for errors
   * @throws {SyscallError} if the kernel refuses
   */
  constructor(fd: FileDescriptor, { offset = 0, length, isWritten }: SharedPart, what: string) {
    this.#length = length;
    this.#what = what;
    const protection = isWritten ? PROT_READ | PROT_WRITE : PROT_READ;
    const address = libc().mmap(0n, BigInt(length), protection, MAP_SHARED, fd.number, BigInt(offset));
    checked(address, "mmap", () => `share the memory of ${what}`);
    this.#address = BigInt(address);
  }

  /** Where some bytes are, after it is certain that they are there. */
  #at(offset: number, length: number): bigint {
    if (this.#address === undefined) throw new Error(`Cannot use ${this.#what}: it is closed`);
    if (offset >= 0 && offset + length <= this.#length) return this.#address + BigInt(offset);
    throw new RangeError(
      `Cannot use ${length} bytes at offset ${offset} of ${this.#what}: it shares ${this.#length}`,
    );
  }

  /**
   * Copies bytes to `target`, as many as it has.
   *
   * @throws {RangeError} if they lie outside
   */
  readInto(offset: number, target: Uint8Array<ArrayBuffer>): void {
    libc().read_memory(target, this.#at(offset, target.length), BigInt(target.length));
  }

  /**
   * A copy of some bytes.
   *
   * @throws {RangeError} if they lie outside
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(new ArrayBuffer(length));
    this.readInto(offset, bytes);
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

  /** Takes the mapping away. */
  close(): void {
    if (this.#address !== undefined) libc().munmap(this.#address, BigInt(this.#length));
    this.#address = undefined;
  }

  /** Same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
