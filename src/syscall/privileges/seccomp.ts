/** A filter of system calls: no file is changed, no program started, no other process touched. @module */
import { syscallNumbers } from "../arch.ts";
import { libc } from "../libc.ts";
import { whilePinned } from "../memory.ts";
import { encode, type Layout } from "../struct.ts";

/** Source: `include/uapi/linux/seccomp.h`. */
const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_GET_ACTION_AVAIL = 2;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
/** Without it, kernels before 5.16 make every branch of the process slower. */
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
const SECCOMP_RET_ALLOW = 0x7fff_0000;
const SECCOMP_RET_ERRNO = 0x0005_0000;
const EPERM = 1;
const ENOSYS = 38;

/** `struct seccomp_data`; the low half of an argument, on a little-endian host. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const argument = (index: number) => 16 + 8 * index;

/** `struct sock_filter` and `struct sock_fprog` of `include/uapi/linux/filter.h`. */
const SOCK_FILTER = { code: [0, 2], jt: [2, 1], jf: [3, 1], k: [4, 4] } as const satisfies Layout;
const SOCK_FPROG = { len: [0, 2], filter: [8, 8] } as const satisfies Layout;
const SOCK_FILTER_SIZE = 8;

/** Instructions of classic BPF: code, jump if true, jump if false, constant (`include/uapi/linux/bpf_common.h`). */
type Instruction = readonly [code: number, jt: number, jf: number, k: number];
const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const skipIfEqual = (k: number, count: number): Instruction => [0x15, count, 0, k];
const skipUnlessEqual = (k: number, count: number): Instruction => [0x15, 0, count, k];
const skipUnlessAnyBit = (k: number, count: number): Instruction => [0x45, 0, count, k];
const skipUnlessAtLeast = (k: number, count: number): Instruction => [0x35, 0, count, k];
const answer = (k: number): Instruction => [0x06, 0, 0, k];
const ALLOW = answer(SECCOMP_RET_ALLOW);
const REFUSE = answer(SECCOMP_RET_ERRNO | EPERM);
const UNKNOWN = answer(SECCOMP_RET_ERRNO | ENOSYS);

/** `AUDIT_ARCH_X86_64` and `AUDIT_ARCH_AARCH64` of `include/uapi/linux/audit.h`; the column of the table below. */
const ARCHITECTURES = {
  x86_64: { audit: 0xc000_003e, column: 0 },
  aarch64: { audit: 0xc000_00b7, column: 1 },
} as const;

/** `__X32_SYSCALL_BIT`: the same calls under other numbers on x86-64. No number of arm64 is as high. */
const X32 = 0x4000_0000;

/** `O_WRONLY | O_RDWR | O_CREAT | O_TRUNC` of `include/uapi/asm-generic/fcntl.h`. */
const WRITING = 0o1 | 0o2 | 0o100 | 0o1000;

/** `BPF_OBJ_PIN` of `enum bpf_cmd`: what is pinned outlives its process. */
const BPF_OBJ_PIN = 6;

/** Source: `include/linux/socket.h`. */
const AF_UNIX = 1;

/** For a call that the filter knows: what the answer is. */
type Rule = (ownProcess: number) => readonly Instruction[];
const never: Rule = () => [REFUSE];
/** The kernel says that it has no such call, for which callers have another way. */
const unknown: Rule = () => [UNKNOWN];
const withoutBits = (index: number, bits: number): Rule => () => [
  load(argument(index)),
  skipUnlessAnyBit(bits, 1),
  REFUSE,
  ALLOW,
];
const unlessEqual = (index: number, value: number): Rule => () => [
  load(argument(index)),
  skipUnlessEqual(value, 1),
  REFUSE,
  ALLOW,
];
const onlyToItself: Rule = (ownProcess) => [
  load(argument(0)),
  skipUnlessEqual(ownProcess, 1),
  ALLOW,
  REFUSE,
];
/** 0 names the calling process as well. */
const ofItself: Rule = (ownProcess) => [
  load(argument(0)),
  skipIfEqual(0, 1),
  skipUnlessEqual(ownProcess, 1),
  ALLOW,
  REFUSE,
];

/**
 * Calls that the filter does not let through as they are: number on x86-64, on arm64, and the rule.
 *
 * Sources: `arch/x86/entry/syscalls/syscall_64.tbl`, `include/uapi/asm-generic/unistd.h`.
 */
export const SECCOMP_RULES = {
  // Opening for reading goes on; what is open for writing stays so.
  open: [2, undefined, withoutBits(1, WRITING)],
  openat: [257, 56, withoutBits(2, WRITING)],
  openat2: [437, 437, unknown],
  creat: [85, undefined, never],
  // Names.
  mkdir: [83, undefined, never],
  mkdirat: [258, 34, never],
  mknod: [133, undefined, never],
  mknodat: [259, 33, never],
  rename: [82, undefined, never],
  renameat: [264, 38, never],
  renameat2: [316, 276, never],
  link: [86, undefined, never],
  linkat: [265, 37, never],
  symlink: [88, undefined, never],
  symlinkat: [266, 36, never],
  unlink: [87, undefined, never],
  unlinkat: [263, 35, never],
  rmdir: [84, undefined, never],
  // What a file is like; some of these need no more than a descriptor for reading.
  chmod: [90, undefined, never],
  fchmod: [91, 52, never],
  fchmodat: [268, 53, never],
  fchmodat2: [452, 452, never],
  chown: [92, undefined, never],
  lchown: [94, undefined, never],
  fchown: [93, 55, never],
  fchownat: [260, 54, never],
  truncate: [76, 45, never],
  utime: [132, undefined, never],
  utimes: [235, undefined, never],
  futimesat: [261, undefined, never],
  utimensat: [280, 88, never],
  setxattr: [188, 5, never],
  lsetxattr: [189, 6, never],
  fsetxattr: [190, 7, never],
  setxattrat: [463, 463, never],
  removexattr: [197, 14, never],
  lremovexattr: [198, 15, never],
  fremovexattr: [199, 16, never],
  removexattrat: [466, 466, never],
  file_setattr: [469, 469, never],
  bpf: [321, 280, unlessEqual(0, BPF_OBJ_PIN)],
  // Other programs and processes.
  execve: [59, 221, never],
  execveat: [322, 281, never],
  ptrace: [101, 117, never],
  process_vm_readv: [310, 270, never],
  process_vm_writev: [311, 271, never],
  pidfd_getfd: [438, 438, never],
  pidfd_send_signal: [424, 424, never],
  tkill: [200, 130, never],
  rt_sigqueueinfo: [129, 138, never],
  kill: [62, 129, onlyToItself],
  tgkill: [234, 131, onlyToItself],
  rt_tgsigqueueinfo: [297, 240, onlyToItself],
  prlimit64: [302, 261, ofItself],
  // Who listens at a path trusts a user id: systemd and container engines start programs for user 0.
  socket: [41, 198, unlessEqual(0, AF_UNIX)],
  // A second way to most of the calls above, past every filter.
  io_uring_setup: [425, 425, never],
  io_uring_enter: [426, 426, never],
  io_uring_register: [427, 427, never],
} as const satisfies Readonly<Record<string, readonly [number, number | undefined, Rule]>>;

/** A system call that the filter knows. */
export type FilteredCall = keyof typeof SECCOMP_RULES;

/** `body` for one system call, whose number has been loaded; the body ends with an answer on every path. */
function forCall(number: number, body: readonly Instruction[]): Instruction[] {
  return [skipUnlessEqual(number, body.length), ...body];
}

/**
 * The filter's program.
 *
 * @param allowed calls that go through all the same
 * @param ownProcess the id of this process
 * @param architecture the one that it is for
 */
export function filterProgram(
  allowed: readonly FilteredCall[],
  ownProcess: number,
  architecture: keyof typeof ARCHITECTURES = Deno.build.arch,
): Instruction[] {
  const { audit, column } = ARCHITECTURES[architecture];
  const rules = Object.entries(SECCOMP_RULES).filter(([name]) => !allowed.some((call) => call === name));
  return [
    load(ARCHITECTURE),
    // 32-bit calls have other numbers: none of them is needed.
    skipIfEqual(audit, 1),
    UNKNOWN,
    load(NUMBER),
    skipUnlessAtLeast(X32, 1),
    UNKNOWN,
    ...rules.flatMap(([, rule]) => {
      const number = rule[column];
      return number === undefined ? [] : forCall(number, rule[2](ownProcess));
    }),
    ALLOW,
  ];
}

function encodeProgram(instructions: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(instructions.length * SOCK_FILTER_SIZE));
  instructions.forEach(([code, jt, jf, k], index) =>
    bytes.set(encode(SOCK_FILTER, { code, jt, jf, k }), index * SOCK_FILTER_SIZE)
  );
  return bytes;
}

function seccomp(operation: number, flags: number, argument: Uint8Array<ArrayBuffer>): boolean {
  return Number(libc().syscall_seccomp(syscallNumbers().seccomp, operation, flags, argument)) === 0;
}

/** Whether this kernel has filters that answer with an error. */
export function hasSeccomp(): boolean {
  return seccomp(SECCOMP_GET_ACTION_AVAIL, 0, encode({ action: [0, 4] }, { action: SECCOMP_RET_ERRNO }));
}

/** Whom a restriction binds. */
export type Bound = "all threads" | "this thread" | "none";

/**
 * Refuses for good, with EPERM, to change a file, to start a program and to touch another process. Descriptors that
 * are open for writing stay so. The calling thread has `no_new_privs` already; the others get it with the filter
 * (`seccomp_sync_threads()` in `kernel/seccomp.c`).
 *
 * @param allowed calls that stay possible
 * @returns whom it binds: not all threads where one of them has another filter, none where the kernel has no filters
 */
export function refuseChanges(allowed: readonly FilteredCall[]): Bound {
  const instructions = filterProgram(allowed, libc().getpid());
  const filter = encodeProgram(instructions);
  const program = encode(SOCK_FPROG, { len: instructions.length, filter });
  const install = (flags: number) =>
    whilePinned(
      filter,
      () => seccomp(SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_SPEC_ALLOW, program),
    );
  if (install(SECCOMP_FILTER_FLAG_TSYNC)) return "all threads";
  return install(0) ? "this thread" : "none";
}
