/** Calls whose results are data, not errors: for a workload that counts what it does. @module */
import { syscallNumbers } from "../../syscall/arch.ts";
import { libc } from "../../syscall/libc.ts";

/** `read(2)`: the number of bytes, or -1. */
export function rawRead(fd: number, buffer: Uint8Array<ArrayBuffer>): number {
  return Number(libc().syscall_read(syscallNumbers().read, fd, buffer, buffer.length));
}

/** `pread64(2)`: the number of bytes, or -1. */
export function rawPread(fd: number, buffer: Uint8Array<ArrayBuffer>, offset: number): number {
  return Number(libc().pread(fd, buffer, BigInt(buffer.length), BigInt(offset)));
}

/** `posix_fadvise(3)` over the whole file: 0, or an error number. */
export function rawFadvise(fd: number, advice: number): number {
  return libc().posix_fadvise(fd, 0n, 0n, advice);
}
