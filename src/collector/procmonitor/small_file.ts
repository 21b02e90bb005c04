/** Files of the kernel that say little. @module */
import { Errno, isErrno, openFile, readInto } from "../../syscall/mod.ts";

/** More than any of them says. */
const MOST_BYTES = 4096;

const decoder = new TextDecoder();

/**
 * The text of a small file.
 *
 * @returns undefined if it is not there, may not be read, is not supported (pressure is off), or goes on and on
 * @throws {SyscallError} if it cannot be read for another reason
 */
export function readSmallFile(path: string): string | undefined {
  try {
    using file = openFile(path);
    const buffer = new Uint8Array(new ArrayBuffer(MOST_BYTES + 1));
    const length = readInto(file, buffer, path);
    return length > MOST_BYTES ? undefined : decoder.decode(buffer.subarray(0, length));
  } catch (error) {
    // ENODEV: the cgroup was removed after the file was opened.
    const absent = [Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES, Errno.EPERM, Errno.EOPNOTSUPP, Errno.ENODEV];
    if (isErrno(error, ...absent)) return undefined;
    throw error;
  }
}
