/** System calls that something in front of the kernel's own checks refuses: a seccomp filter, or a sandbox. @module */
import { syscallNumbers } from "../arch.ts";
import { Errno, readErrno } from "../errno.ts";
import { readTextFile } from "../files/file.ts";
import { libc } from "../libc.ts";
import { cString } from "../memory.ts";

/** Flags that do not exist: the kernel says EINVAL before it looks at anything else. */
const NO_FLAGS = 0x7fff_ffff;
/** No command of `bpf(2)`. Bit 16 is a flag of newer kernels, which then look at the next arguments. */
const NO_COMMAND = 0x7fff;
const NO_FD = -1;

/** A call that the kernel answers with one certain error, no matter what this process may do. */
interface Question {
  readonly ask: () => number | bigint;
  readonly answer: number;
}

const buffer = new Uint8Array(new ArrayBuffer(256));

const QUESTIONS = {
  /** `__sys_bpf()` in `kernel/bpf/syscall.c`; without CAP_BPF old kernels say EPERM first. */
  bpf: { ask: () => libc().syscall_bpf(syscallNumbers().bpf, NO_COMMAND, buffer, 0), answer: Errno.EINVAL },
  /** Unknown flags are the first thing that `perf_event_open()` in `kernel/events/core.c` looks at. */
  perf_event_open: {
    ask: () =>
      libc().syscall_perf_event_open(
        syscallNumbers().perf_event_open,
        buffer,
        -1,
        0,
        NO_FD,
        BigInt(NO_FLAGS),
      ),
    answer: Errno.EINVAL,
  },
  /** A directory that does not exist, and no path below it. */
  statx: {
    ask: () => libc().syscall_statx(syscallNumbers().statx, NO_FD, cString("x"), 0, 0, buffer),
    answer: Errno.EBADF,
  },
  getdents64: {
    ask: () => libc().syscall_read(syscallNumbers().getdents64, NO_FD, buffer, buffer.length),
    answer: Errno.EBADF,
  },
} as const satisfies Record<string, Question>;

/** A call that can be asked about. */
export type AskedCall = keyof typeof QUESTIONS;

/**
 * Those of some system calls that never reach the kernel's own checks. It costs one call each.
 *
 * For `bpf` this process needs CAP_BPF.
 */
export function refusedCalls(calls: readonly AskedCall[]): AskedCall[] {
  return calls.filter((call) => {
    const { ask, answer } = QUESTIONS[call];
    return ask() < 0 && readErrno() !== answer;
  });
}

/** What refuses them: a filter of this process, or, where there is none, the kernel, which is built without them. */
export function hasSeccompFilter(): boolean {
  try {
    return !/^Seccomp:\s*0$/m.test(readTextFile("/proc/self/status"));
  } catch {
    return true;
  }
}
