/**
 * Error numbers of Linux and the error that every failed call turns into.
 *
 * @module
 */
import { libc } from "./libc.ts";
import { withSignalsBlocked } from "./processes/signals.ts";

/**
 * Names by number. Source: `include/uapi/asm-generic/errno-base.h` and `errno.h`, which x86 and
 * arm64 share; ENOTSUPP (524) is kernel-internal but leaks out of `bpf()`.
 */
const NAMES: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [2, "ENOENT"],
  [3, "ESRCH"],
  [4, "EINTR"],
  [5, "EIO"],
  [6, "ENXIO"],
  [7, "E2BIG"],
  [8, "ENOEXEC"],
  [9, "EBADF"],
  [10, "ECHILD"],
  [11, "EAGAIN"],
  [12, "ENOMEM"],
  [13, "EACCES"],
  [14, "EFAULT"],
  [15, "ENOTBLK"],
  [16, "EBUSY"],
  [17, "EEXIST"],
  [18, "EXDEV"],
  [19, "ENODEV"],
  [20, "ENOTDIR"],
  [21, "EISDIR"],
  [22, "EINVAL"],
  [23, "ENFILE"],
  [24, "EMFILE"],
  [25, "ENOTTY"],
  [26, "ETXTBSY"],
  [27, "EFBIG"],
  [28, "ENOSPC"],
  [29, "ESPIPE"],
  [30, "EROFS"],
  [31, "EMLINK"],
  [32, "EPIPE"],
  [33, "EDOM"],
  [34, "ERANGE"],
  [35, "EDEADLK"],
  [36, "ENAMETOOLONG"],
  [37, "ENOLCK"],
  [38, "ENOSYS"],
  [39, "ENOTEMPTY"],
  [40, "ELOOP"],
  [42, "ENOMSG"],
  [43, "EIDRM"],
  [44, "ECHRNG"],
  [45, "EL2NSYNC"],
  [46, "EL3HLT"],
  [47, "EL3RST"],
  [48, "ELNRNG"],
  [49, "EUNATCH"],
  [50, "ENOCSI"],
  [51, "EL2HLT"],
  [52, "EBADE"],
  [53, "EBADR"],
  [54, "EXFULL"],
  [55, "ENOANO"],
  [56, "EBADRQC"],
  [57, "EBADSLT"],
  [59, "EBFONT"],
  [60, "ENOSTR"],
  [61, "ENODATA"],
  [62, "ETIME"],
  [63, "ENOSR"],
  [64, "ENONET"],
  [65, "ENOPKG"],
  [66, "EREMOTE"],
  [67, "ENOLINK"],
  [68, "EADV"],
  [69, "ESRMNT"],
  [70, "ECOMM"],
  [71, "EPROTO"],
  [72, "EMULTIHOP"],
  [73, "EDOTDOT"],
  [74, "EBADMSG"],
  [75, "EOVERFLOW"],
  [76, "ENOTUNIQ"],
  [77, "EBADFD"],
  [78, "EREMCHG"],
  [79, "ELIBACC"],
  [80, "ELIBBAD"],
  [81, "ELIBSCN"],
  [82, "ELIBMAX"],
  [83, "ELIBEXEC"],
  [84, "EILSEQ"],
  [85, "ERESTART"],
  [86, "ESTRPIPE"],
  [87, "EUSERS"],
  [88, "ENOTSOCK"],
  [89, "EDESTADDRREQ"],
  [90, "EMSGSIZE"],
  [91, "EPROTOTYPE"],
  [92, "ENOPROTOOPT"],
  [93, "EPROTONOSUPPORT"],
  [94, "ESOCKTNOSUPPORT"],
  [95, "EOPNOTSUPP"],
  [96, "EPFNOSUPPORT"],
  [97, "EAFNOSUPPORT"],
  [98, "EADDRINUSE"],
  [99, "EADDRNOTAVAIL"],
  [100, "ENETDOWN"],
  [101, "ENETUNREACH"],
  [102, "ENETRESET"],
  [103, "ECONNABORTED"],
  [104, "ECONNRESET"],
  [105, "ENOBUFS"],
  [106, "EISCONN"],
  [107, "ENOTCONN"],
  [108, "ESHUTDOWN"],
  [109, "ETOOMANYREFS"],
  [110, "ETIMEDOUT"],
  [111, "ECONNREFUSED"],
  [112, "EHOSTDOWN"],
  [113, "EHOSTUNREACH"],
  [114, "EALREADY"],
  [115, "EINPROGRESS"],
  [116, "ESTALE"],
  [117, "EUCLEAN"],
  [118, "ENOTNAM"],
  [119, "ENAVAIL"],
  [120, "EISNAM"],
  [121, "EREMOTEIO"],
  [122, "EDQUOT"],
  [123, "ENOMEDIUM"],
  [124, "EMEDIUMTYPE"],
  [125, "ECANCELED"],
  [126, "ENOKEY"],
  [127, "EKEYEXPIRED"],
  [128, "EKEYREVOKED"],
  [129, "EKEYREJECTED"],
  [130, "EOWNERDEAD"],
  [131, "ENOTRECOVERABLE"],
  [132, "ERFKILL"],
  [524, "ENOTSUPP"],
]);

/** Error numbers that callers compare with. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ENOSYS: 38,
  ELOOP: 40,
  EOPNOTSUPP: 95,
  ENOTSUPP: 524,
} as const;

/** The symbolic name of an error number, as `errno(1)` prints it: `2` is `ENOENT`. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}

function readErrnoText(errno: number): string {
  const buffer = new Uint8Array(256);
  libc().__xpg_strerror_r(errno, buffer, BigInt(buffer.length));
  const text = new TextDecoder().decode(buffer.subarray(0, buffer.indexOf(0)));
  return text.startsWith("Unknown error") ? errnoName(errno) : text;
}

const texts = new Map<number, string>();

/** The C library's text for an error number: `2` is "No such file or directory". */
export function errnoText(errno: number): string {
  const text = texts.get(errno) ?? readErrnoText(errno);
  texts.set(errno, text);
  return text;
}

/** A system call that failed: which one, with which error number, and what was being done. */
export class SyscallError extends Error {
  /** The name of the class. */
  override readonly name = "SyscallError";
  /** What was being done, starting with a verb. */
  readonly action: string;
  /** The name of the system call, for example `openat` or `bpf(BPF_PROG_LOAD)`. */
  readonly syscall: string;
  /** The error number. */
  readonly errno: number;
  /** The error's symbolic name, for example `ENOENT`. */
  readonly code: string;

  /**
   * Makes the error, with its message.
   *
   * @param action what was being done, starting with a verb: `open /proc/1/comm`
   * @param syscall the system call's name
   * @param errno the error number it set
   * @param reason what that means, by default the C library's text for it
   */
  constructor(action: string, syscall: string, errno: number, reason: string = errnoText(errno)) {
    const code = errnoName(errno);
    super(`Cannot ${action}: ${reason} (${syscall}: ${code})`);
    this.action = action;
    this.syscall = syscall;
    this.errno = errno;
    this.code = code;
  }
}

/** True if `error` is a {@linkcode SyscallError} with one of these error numbers. */
export function isErrno(error: unknown, ...errnos: number[]): error is SyscallError {
  return error instanceof SyscallError && errnos.includes(error.errno);
}

/** What runs out for a while: descriptors of the process or the machine, and memory. */
const SHORTAGES: readonly number[] = [Errno.EMFILE, Errno.ENFILE, Errno.ENOMEM];

/** Whether an error, or what caused it, is a shortage that may pass: the same may succeed later. */
export function isShortage(error: unknown): boolean {
  if (isErrno(error, ...SHORTAGES)) return true;
  return error instanceof Error && error.cause !== undefined && isShortage(error.cause);
}

const errnoBytes = new Int32Array(new ArrayBuffer(4));
let errnoAddress: bigint | undefined;

/** The calling thread's `errno`, to be read right after the call that failed. */
export function readErrno(): number {
  errnoAddress ??= libc().__errno_location();
  libc().read_memory(errnoBytes, errnoAddress, 4n);
  return errnoBytes[0]!;
}

/** Turns a call's return value into itself, or into a {@linkcode SyscallError} if it is negative. */
export function checked(result: number | bigint, syscall: string, action: () => string): number {
  if (result >= 0) return Number(result);
  const errno = readErrno();
  throw new SyscallError(action(), syscall, errno);
}

const RETRIES = 4;

/**
 * Calls `call` again while it fails with EINTR or EAGAIN: at most four times, and then once more while no signal can
 * come.
 *
 * `bpf(BPF_PROG_LOAD)` answers EAGAIN when a signal arrives during verification, `open` on slow file
 * systems EINTR (`man 7 signal`). A profiler sends a signal every millisecond, or more often, and a verification
 * that takes longer would never end.
 */
export function retried<T extends number | bigint>(call: () => T): T {
  for (let attempt = 0; attempt < RETRIES; attempt++) {
    const result = call();
    if (result >= 0) return result;
    const errno = readErrno();
    if (errno !== Errno.EINTR && errno !== Errno.EAGAIN) return result;
  }
  return withSignalsBlocked(call);
}
