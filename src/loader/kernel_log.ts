/** Logs that `bpf()` writes when it is asked to. @module */
import { Errno, type FileDescriptor, SyscallError, textBeforeNul } from "../syscall/mod.ts";

/** Sizes of the log buffer, tried in turn; the last is the limit of kernels before 5.18. */
const LOG_SIZES = [1 << 16, 1 << 20, (1 << 24) - 1] as const;

/** Room for all that is said of a program of ordinary size, and for the end of any log. */
export const USUAL_LOG_SIZE = LOG_SIZES[0];

/** A log, and whether it is all that the kernel has to say. */
export interface KernelLog {
  /** The text; invalid UTF-8 becomes U+FFFD. */
  readonly text: string;
  /** False if the buffer was too small: kernels before 6.4 keep the beginning then, later ones the end. */
  readonly isWhole: boolean;
}

/**
 * Repeats a refused call with a log, to learn why.
 *
 * @param attempt makes the call with this buffer for the log
 * @param sizes sizes of the buffer, tried until one is large enough
 * @returns what the last attempt gave; nothing if it was interrupted
 */
export function readKernelLog(
  attempt: (log: Uint8Array<ArrayBuffer>) => FileDescriptor,
  sizes: readonly number[] = LOG_SIZES,
): KernelLog {
  let text = "";
  for (const size of sizes) {
    const log = new Uint8Array(new ArrayBuffer(size));
    const errno = errnoOf(() => attempt(log));
    if (errno === Errno.EAGAIN || errno === Errno.EINTR) return { text: "", isWhole: true };
    text = textBeforeNul(log);
    if (errno !== Errno.ENOSPC) return { text, isWhole: true };
  }
  return { text, isWhole: false };
}

/** The error number of a call, 0 if it succeeds after all. */
function errnoOf(call: () => FileDescriptor): number {
  try {
    call().close();
    return 0;
  } catch (error) {
    if (error instanceof SyscallError) return error.errno;
    throw error;
  }
}
