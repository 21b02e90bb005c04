/**
 * A file that is read and written in place through a descriptor that stays open: nothing here opens a path again,
 * so that all of it works after privileges are gone.
 *
 * @module
 */
import { checked, Errno, isErrno, readErrno, retried, SyscallError } from "../errno.ts";
import type { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { openFile, OpenFlag } from "./file.ts";

/** Sources: `include/uapi/asm-generic/fcntl.h`, `arch/arm64/include/uapi/asm/fcntl.h`. */
const O_NOFOLLOW: Readonly<Record<string, number>> = { x86_64: 0o400000, aarch64: 0o100000 };

/** Source: `include/uapi/asm-generic/fcntl.h`. */
const LOCK_EX = 2;
const LOCK_NB = 4;

/** The user whose rights this process has for files. */
export function effectiveUser(): number {
  return libc().geteuid();
}

/**
 * Opens a file for reading and writing, and makes it for its owner alone if it is not there. A symbolic link is
 * refused (ELOOP), a pipe does not block.
 *
 * @throws {SyscallError} if the kernel refuses
 */
export function openHeld(path: string): FileDescriptor {
  const noFollow = O_NOFOLLOW[Deno.build.arch] ?? 0;
  return openFile(path, OpenFlag.RDWR | OpenFlag.CREAT | OpenFlag.NONBLOCK | noFollow, 0o600);
}

/**
 * Fills a buffer from a place in the file; what lies past its end reads as nothing.
 *
 * @returns how many bytes there were
 * @throws {SyscallError} if the kernel refuses
 */
export function readAt(
  fd: FileDescriptor,
  buffer: Uint8Array<ArrayBuffer>,
  offset: number,
  what: string,
): number {
  for (let filled = 0;;) {
    const rest = buffer.subarray(filled);
    const at = BigInt(offset + filled);
    const count = retried(() => libc().pread(fd.number, rest, BigInt(rest.length), at));
    const got = checked(count, "pread", () => `read ${what}`);
    filled += got;
    if (got === 0 || filled === buffer.length) return filled;
  }
}

/**
 * Writes all bytes to a place in the file. They are in the kernel when this returns, and outlive the process.
 *
 * @throws {SyscallError} if the kernel refuses; some of the bytes may be there then
 */
export function writeAt(
  fd: FileDescriptor,
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
  what: string,
): void {
  for (let done = 0; done < bytes.length;) {
    const rest = bytes.subarray(done);
    const at = BigInt(offset + done);
    const count = retried(() => libc().pwrite(fd.number, rest, BigInt(rest.length), at));
    done += checked(count, "pwrite", () => `write ${what}`);
  }
}

/**
 * Makes the file as long as this, and what is added zero.
 *
 * @throws {SyscallError} if the kernel refuses
 */
export function resize(fd: FileDescriptor, size: number, what: string): void {
  checked(libc().ftruncate(fd.number, BigInt(size)), "ftruncate", () => `resize ${what}`);
}

/**
 * Reserves all that the file needs up to a size, so that writing to it takes no more space.
 *
 * @returns false if the file system cannot reserve
 * @throws {SyscallError} for any other reason, such as ENOSPC
 */
export function reserve(fd: FileDescriptor, size: number, what: string): boolean {
  try {
    checked(
      retried(() => libc().fallocate(fd.number, 0, 0n, BigInt(size))),
      "fallocate",
      () => `reserve space for ${what}`,
    );
    return true;
  } catch (error) {
    if (isErrno(error, Errno.EOPNOTSUPP)) return false;
    throw error;
  }
}

/**
 * Locks the file for this process until it ends, however it ends, or closes the descriptor (`man 2 flock`).
 *
 * @returns false if another process has it
 * @throws {SyscallError} if the file system has no locks
 */
export function lock(fd: FileDescriptor, what: string): boolean {
  if (libc().flock(fd.number, LOCK_EX | LOCK_NB) === 0) return true;
  const errno = readErrno();
  if (errno === Errno.EAGAIN) return false;
  throw new SyscallError(`lock ${what}`, "flock", errno);
}
