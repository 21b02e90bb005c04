/** Processes as `/proc` shows them. @module */
import {
  Errno,
  isErrno,
  openFile,
  readDirectory,
  readFile,
  readInto,
  readLink,
  readTextFile,
} from "../syscall/mod.ts";

/** Numbers of the fields of `/proc/<pid>/stat`. Source: `man 5 proc_pid_stat`. */
const StatField = { STATE: 3, FLAGS: 9, THREADS: 20, START_TIME: 22 } as const;

/** `PF_KTHREAD` in `include/linux/sched.h`. */
const PF_KTHREAD = 0x00200000;

/** The state of a main thread that has ended and of which its parent has not been told. Source: `man 5 proc_pid_stat`. */
const ZOMBIE = "Z";

/** The states of one that is just being removed. */
const DEAD_STATES: ReadonlySet<string> = new Set(["X", "x"]);

/** What `/proc/<pid>/stat` tells of a process. */
export interface ProcessStatus {
  readonly isKernelThread: boolean;
  /** True of a zombie without other threads, or of a process that is just being removed. */
  readonly hasEnded: boolean;
  /** When it started, in clock ticks since the machine did: with the pid it identifies a process. */
  readonly startTime: bigint;
}

/**
 * Parses `/proc/<pid>/stat`.
 *
 * @throws {SyntaxError} if fields are missing
 */
export function parseProcessStatus(text: string): ProcessStatus {
  // The comm, field 2, may hold spaces and parentheses; no field after it does.
  const fields = text.slice(text.lastIndexOf(") ") + 2).split(" ");
  const field = (number: number): string => {
    const value = fields[number - StatField.STATE];
    if (value !== undefined) return value;
    throw new SyntaxError(`Cannot parse process status ${JSON.stringify(text)}: field ${number} is missing`);
  };
  return {
    isKernelThread: (Number(field(StatField.FLAGS)) & PF_KTHREAD) !== 0,
    // While others go on, a main thread that has ended stays a zombie, and counts among the threads.
    hasEnded: DEAD_STATES.has(field(StatField.STATE)) ||
      (field(StatField.STATE) === ZOMBIE && Number(field(StatField.THREADS)) <= 1),
    startTime: BigInt(field(StatField.START_TIME)),
  };
}

/** The cgroup v2 that a process is in. */
export interface CgroupMembership {
  /** Its path from the root of the reader's cgroup namespace; starts with `/..` if it is outside of that. */
  readonly path: string;
  /** True if the cgroup has been removed although a process is still in it. */
  readonly isDeleted: boolean;
}

/** What the kernel appends to the path of a removed cgroup: `proc_cgroup_show()` in `kernel/cgroup/cgroup.c`. */
const DELETED_SUFFIX = " (deleted)";

/** Parses `/proc/<pid>/cgroup`: the line of cgroup v2, or `undefined` on a kernel that runs cgroup v1 only. */
export function parseCgroupMembership(text: string): CgroupMembership | undefined {
  const line = text.split("\n").find((line) => line.startsWith("0::"));
  if (line === undefined) return undefined;
  const path = line.slice("0::".length);
  const isDeleted = path.endsWith(DELETED_SUFFIX);
  return { path: isDeleted ? path.slice(0, -DELETED_SUFFIX.length) : path, isDeleted };
}

/** A process that matched. */
export interface Process {
  /** As `/proc` numbers it; 0 for one that `/proc` does not show, and of which only the kernel tells. */
  readonly pid: number;
  readonly comm: string;
  /** See {@linkcode ProcessStatus.startTime}. */
  readonly startTime: bigint;
}

/** How to read `/proc`. */
export interface ProcFiles {
  readonly readDirectory: (path: string) => string[];
  readonly readFile: (path: string) => Uint8Array;
  readonly readLink: (path: string) => string;
}

/** The running kernel's `/proc`. */
const PROC_FILES: ProcFiles = { readDirectory, readFile, readLink };

/** The result of `read`, or `undefined` if the process is gone or not ours to look at. */
function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isErrno(error, Errno.ENOENT, Errno.ESRCH, Errno.EACCES, Errno.EPERM)) return undefined;
    throw error;
  }
}

function withoutNewline(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes;
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, index) => bytes[index] === byte);
}

function matchingProcess(pid: string, prefix: Uint8Array, files: ProcFiles): Process | undefined {
  const comm = withoutNewline(files.readFile(`/proc/${pid}/comm`));
  if (!startsWith(comm, prefix)) return undefined;
  const decoder = new TextDecoder();
  const status = parseProcessStatus(decoder.decode(files.readFile(`/proc/${pid}/stat`)));
  if (status.isKernelThread || status.hasEnded) return undefined;
  return { pid: Number(pid), comm: decoder.decode(comm), startTime: status.startTime };
}

/** Whether two are the same process: a pid is taken again, but not by one that began at the same time. */
export function isSameProcess(one: Process | undefined, other: Process | undefined): boolean {
  return one?.pid === other?.pid && one?.startTime === other?.startTime;
}

/** Orders processes: oldest first and, of the same age, lowest pid first. */
export function byAge(a: Process, b: Process): number {
  return a.startTime === b.startTime ? a.pid - b.pid : a.startTime < b.startTime ? -1 : 1;
}

/**
 * Lists the processes whose comm starts with `prefix`: no kernel thread, no zombie and not this process.
 *
 * @param prefix the prefix, literal bytes
 * @param files how to read `/proc`; only tests replace it
 * @returns the processes, oldest first; of the same age, lowest pid first
 * @throws {SyscallError} if `/proc` cannot be listed
 */
export function listProcesses(prefix: Uint8Array, files: ProcFiles = PROC_FILES): Process[] {
  // What /proc calls this process, which getpid() does not tell if /proc shows another PID namespace.
  const self = unlessGone(() => files.readLink("/proc/self"));
  return files.readDirectory("/proc")
    .filter((name) => /^[0-9]+$/.test(name) && name !== self)
    .map((pid) => unlessGone(() => matchingProcess(pid, prefix, files)))
    .filter((process) => process !== undefined)
    .sort(byAge);
}

/** The comm of a process, or `undefined` if the process is gone or not ours to look at. */
export function readComm(pid: number): string | undefined {
  const comm = unlessGone(() => readFile(`/proc/${pid}/comm`));
  return comm && new TextDecoder().decode(withoutNewline(comm));
}

/** Where the header of an ELF file says of how many bits the program is, and the number for 32. Source: `man 5 elf`. */
const ELF_CLASS = { OFFSET: 4, BITS_32: 1 } as const;

/** Whether a process runs a 32-bit program, as far as its file can be read. */
export function is32Bit(pid: number): boolean {
  const header = new Uint8Array(ELF_CLASS.OFFSET + 1);
  const isRead = unlessGone(() => {
    const path = `/proc/${pid}/exe`;
    using file = openFile(path);
    return readInto(file, header, path) === header.length;
  });
  return isRead === true && header[ELF_CLASS.OFFSET] === ELF_CLASS.BITS_32;
}

/** True while the process runs: its pid exists, has not been reused, and is no zombie. */
export function isRunning(process: Process): boolean {
  const text = unlessGone(() => readTextFile(`/proc/${process.pid}/stat`));
  if (text === undefined) return false;
  const status = parseProcessStatus(text);
  return status.startTime === process.startTime && !status.hasEnded;
}

/** The text of `/proc/<pid>/cgroup`, or `undefined` if the process is gone. */
export function readCgroupText(pid: number | "self"): string | undefined {
  return unlessGone(() => readTextFile(`/proc/${pid}/cgroup`));
}

let ownNumber: string | undefined;

/** This process's number in the PID namespace that `/proc` shows; empty if it is not in there. */
function numberInProc(): string {
  return ownNumber ??= unlessGone(() => readLink("/proc/self")) ?? "";
}

/** Whether `/proc` shows the PID namespace of this process, and not that of others, such as the host. */
export function showsOwnNamespace(): boolean {
  return numberInProc() === String(Deno.pid);
}

/** The numbers of a process, as the kernel tells them. */
export interface KernelNumbers {
  /** In the PID namespace of this process; 0 if it is not in there. */
  readonly pid: number;
  /** In the initial PID namespace. */
  readonly tgid: number;
}

/**
 * The number by which `/proc` shows a process, and {@linkcode Process} names it; 0 if that cannot be told.
 *
 * @param ownTgid this process's number in the initial PID namespace
 */
export function pidInProc({ pid, tgid }: KernelNumbers, ownTgid: number): number {
  if (showsOwnNamespace()) return pid;
  return numberInProc() === String(ownTgid) ? tgid : 0;
}
