/** Numbers that differ between the two architectures. @module */

/** System call numbers that this project or its programs name. */
export interface SyscallNumbers {
  readonly bpf: number;
  readonly perf_event_open: number;
  readonly statx: number;
  readonly getdents64: number;
  readonly pidfd_open: number;
  readonly read: number;
  readonly pread64: number;
  readonly fadvise64: number;
  readonly write: number;
  readonly pwrite64: number;
  readonly writev: number;
  readonly pwritev: number;
  readonly pwritev2: number;
  readonly fsync: number;
  readonly fdatasync: number;
  readonly sync_file_range: number;
  readonly setresuid: number;
  readonly seccomp: number;
  readonly landlock_create_ruleset: number;
  readonly landlock_add_rule: number;
  readonly landlock_restrict_self: number;
}

/**
 * Sources: `arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`
 * (arm64; `fadvise64` is `__NR3264_fadvise64` there).
 */
const NUMBERS: Readonly<Record<string, SyscallNumbers>> = {
  x86_64: {
    bpf: 321,
    perf_event_open: 298,
    statx: 332,
    getdents64: 217,
    pidfd_open: 434,
    read: 0,
    pread64: 17,
    fadvise64: 221,
    write: 1,
    pwrite64: 18,
    writev: 20,
    pwritev: 296,
    pwritev2: 328,
    fsync: 74,
    fdatasync: 75,
    sync_file_range: 277,
    setresuid: 117,
    seccomp: 317,
    landlock_create_ruleset: 444,
    landlock_add_rule: 445,
    landlock_restrict_self: 446,
  },
  aarch64: {
    bpf: 280,
    perf_event_open: 241,
    statx: 291,
    getdents64: 61,
    pidfd_open: 434,
    read: 63,
    pread64: 67,
    fadvise64: 223,
    write: 64,
    pwrite64: 68,
    writev: 66,
    pwritev: 70,
    pwritev2: 287,
    fsync: 82,
    fdatasync: 83,
    sync_file_range: 84,
    setresuid: 147,
    seccomp: 277,
    landlock_create_ruleset: 444,
    landlock_add_rule: 445,
    landlock_restrict_self: 446,
  },
};

/**
 * The system call numbers of one architecture, by default the one this process runs on.
 *
 * @throws {Error} if the architecture is neither `x86_64` nor `aarch64`
 */
export function syscallNumbers(arch: string = Deno.build.arch): SyscallNumbers {
  const numbers = NUMBERS[arch];
  if (numbers === undefined) {
    throw new Error(`Cannot run on ${arch}: only x86_64 and aarch64 are supported`);
  }
  return numbers;
}

/** Prefixes of the kernel's functions for system calls: `SYSCALL_DEFINEx` in arch/<arch>/include/asm/syscall_wrapper.h. */
const SYSCALL_PREFIXES: Readonly<Record<string, string>> = { x86_64: "__x64_sys_", aarch64: "__arm64_sys_" };

/** The kernel's function for a system call: `read` is `__x64_sys_read`. */
export function syscallFunction(name: string): string {
  return `${SYSCALL_PREFIXES[Deno.build.arch] ?? ""}${name}`;
}
