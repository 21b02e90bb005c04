/** Logs that `bpf()` writes when it is asked to. @module */
import { Errno, type FileDescriptor, SyscallError, textBeforeNul } from "../syscall/mod.ts";
import { hasStatistics } from "./programs/verifier_log.ts";

/** Sizes of the log buffer, tried in turn; the last is the limit of kernels before 5.18. */
const LOG_SIZES = [1 << 16, 1 << 20, (1 << 24) - 1] as const;

/** Room for all that is said of a program of ordinary size, and for the end of any log. */
const USUAL_LOG_SIZE = LOG_SIZES[0];

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

/** `BPF_LOG_LEVEL1` and `BPF_LOG_STATS` (include/linux/bpf_verifier.h): the second tells of no instruction. */
const LogLevel = { INSTRUCTIONS: 1, STATISTICS: 4 } as const;

/**
 * What the verifier says of a program that it refuses.
 *
 * @param refusal how it refuses it
 * @param attempt repeats the call with a level and a buffer for the log
 * @returns the log; without its beginning, or only its end, if there is too much of it
 */
export function readVerifierLog(
  refusal: SyscallError,
  attempt: (level: number, log: Uint8Array<ArrayBuffer>) => FileDescriptor,
): string {
  // An interruption is no verdict, and whoever looks for one may find another.
  if (refusal.errno === Errno.EAGAIN || refusal.errno === Errno.EINTR) return "";
  // Of a program that is too complex there is a line for each of a million instructions.
  const sizes = refusal.errno === Errno.E2BIG ? [USUAL_LOG_SIZE] : undefined;
  const { text, isWhole } = readKernelLog((log) => attempt(LogLevel.INSTRUCTIONS, log), sizes);
  if (isWhole || hasStatistics(text)) return text;
  return readKernelLog((log) => attempt(LogLevel.STATISTICS, log), [USUAL_LOG_SIZE]).text;
}
