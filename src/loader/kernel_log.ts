/** Logs that `bpf()` writes when it is asked to. @module */
import { Errno, type FileDescriptor, isErrno, textBeforeNul } from "../syscall/mod.ts";

/** Sizes of the log buffer, tried in turn; the last is the limit of kernels before 5.18. */
const LOG_SIZES = [1 << 16, 1 << 20, (1 << 24) - 1] as const;

/**
 * Repeats a refused call with a log, to learn why.
 *
 * @param attempt makes the call with this buffer for the log
 * @returns the log's text; invalid UTF-8 becomes U+FFFD
 */
export function readKernelLog(attempt: (log: Uint8Array<ArrayBuffer>) => FileDescriptor): string {
  for (const size of LOG_SIZES) {
    const log = new Uint8Array(new ArrayBuffer(size));
    try {
      attempt(log).close();
    } catch (error) {
      if (isErrno(error, Errno.ENOSPC)) continue;
    }
    return textBeforeNul(log);
  }
  return "";
}
