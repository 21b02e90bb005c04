/** Processes: this one's name, and children that run another program. @module */
import { checked, readErrno, retried, SyscallError } from "../errno.ts";
import { libc, wholeLibc } from "../libc.ts";
import { addressOf, cString, textBeforeNul, whilePinned } from "../memory.ts";

/** Signal numbers. Source: `man 7 signal`; the same on x86 and arm64. */
export const Signal = { SIGKILL: 9, SIGTERM: 15, SIGCONT: 18, SIGSTOP: 19 } as const;

/** The id of this process. Opens all of libc: tests that watch resources call it first. */
export function processId(): number {
  return wholeLibc().getpid();
}

const PR_SET_NAME = 15;

/** Sets the calling thread's comm, which for the main thread is `/proc/<pid>/comm`. */
export function setComm(comm: string): void {
  checked(
    libc().prctl_name(PR_SET_NAME, cString(comm)),
    "prctl(PR_SET_NAME)",
    () => `set comm "${comm}"`,
  );
}

const PR_SET_PDEATHSIG = 1;
const PR_GET_PDEATHSIG = 2;

/** The signal that this thread gets when the thread that started it ends, 0 for none. */
export function deathSignal(): number {
  const signal = new Int32Array(new ArrayBuffer(4));
  const result = libc().prctl_name(PR_GET_PDEATHSIG, new Uint8Array(signal.buffer));
  checked(result, "prctl(PR_GET_PDEATHSIG)", () => "read the signal for the parent's end");
  return signal[0]!;
}

/** Asks for a signal when the thread that started this one ends; 0 for none. */
export function setDeathSignal(signal: number): void {
  const result = libc().prctl(PR_SET_PDEATHSIG, BigInt(signal), 0n, 0n, 0n);
  checked(result, "prctl(PR_SET_PDEATHSIG)", () => "ask for a signal at the parent's end");
}

/** Sends a signal. */
export function sendSignal(pid: number, signal: number): void {
  checked(libc().kill(pid, signal), "kill", () => `send signal ${signal} to process ${pid}`);
}

/** An array of C strings that ends with a null pointer, and the strings themselves. */
function stringVector(texts: readonly string[]): { pointers: Uint8Array<ArrayBuffer>; keep: unknown } {
  const strings = texts.map(cString);
  const pointers = new BigUint64Array(new ArrayBuffer((texts.length + 1) * 8));
  strings.forEach((string, index) => pointers[index] = addressOf(string));
  return { pointers: new Uint8Array(pointers.buffer), keep: strings };
}

/**
 * Starts a program as a child process that shares standard input, output and error.
 *
 * @param path the program's file
 * @param argv its arguments, the first being its own name
 * @param environment `NAME=value` texts
 * @returns the child's process id
 */
export function spawn(path: string, argv: readonly string[], environment: readonly string[]): number {
  const pid = new Int32Array(new ArrayBuffer(4));
  const args = stringVector(argv);
  const env = stringVector(environment);
  const errno = whilePinned(
    [args, env],
    () => libc().posix_spawn(pid, cString(path), 0n, 0n, args.pointers, env.pointers),
  );
  if (errno !== 0) throw new SyscallError(`start ${path}`, "posix_spawn", errno);
  return pid[0]!;
}

/**
 * Runs a program in place of this one: the process id, what is ignored and what is blocked of signals stay.
 *
 * @returns never, unless it fails
 * @throws {SyscallError} if the program cannot be run
 */
export function replaceProgram(path: string, argv: readonly string[]): never {
  const args = stringVector(argv);
  const result = whilePinned(args, () => libc().execv(cString(path), args.pointers));
  throw new SyscallError(`run ${path}`, "execve", result < 0 ? readErrno() : result);
}

/** What became of a child. */
export type ChildState =
  | { readonly state: "running" }
  | { readonly state: "stopped"; readonly signal: number }
  | { readonly state: "exited"; readonly code: number }
  | { readonly state: "killed"; readonly signal: number };

const WNOHANG = 1;
const WUNTRACED = 2;

/** Asks once, without waiting, whether a child has stopped or ended (`man 2 wait`). */
export function childState(pid: number): ChildState {
  const status = new Int32Array(new ArrayBuffer(4));
  const result = retried(() => libc().waitpid(pid, status, WNOHANG | WUNTRACED));
  if (checked(result, "waitpid", () => `wait for process ${pid}`) === 0) return { state: "running" };
  const word = status[0]!;
  if ((word & 0xff) === 0x7f) return { state: "stopped", signal: word >> 8 & 0xff };
  if ((word & 0x7f) === 0) return { state: "exited", code: word >> 8 & 0xff };
  return { state: "killed", signal: word & 0x7f };
}

/** A field of `struct utsname` (`include/uapi/linux/utsname.h`) by its place. */
function unameFields(): (index: number) => string {
  const buffer = new Uint8Array(6 * 65);
  checked(libc().uname(buffer), "uname", () => "read the kernel's release");
  return (index) => textBeforeNul(buffer.subarray(index * 65, (index + 1) * 65));
}

/** The kernel's release and machine, as `uname -r` and `uname -m` print them. */
export function kernelRelease(): { readonly release: string; readonly machine: string } {
  const field = unameFields();
  return { release: field(2), machine: field(4) };
}

/** The machine's own name, as `uname -n` and `hostname` print it; in a pod, that of the pod. */
export function machineName(): string {
  return unameFields()(1);
}
