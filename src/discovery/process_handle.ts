/** A process that is watched for its end. @module */
import { type FileDescriptor, hasProcessEnded, openProcess, SyscallError } from "../syscall/mod.ts";
import { isRunning, type Process, showsOwnNamespace } from "./proc.ts";

/** A descriptor of exactly this process; undefined where `/proc` does not prove that, or the kernel refuses. */
function open(process: Process): FileDescriptor | undefined {
  // The pids of another namespace's /proc are not those that the kernel takes from this process.
  if (!showsOwnNamespace()) return undefined;
  let descriptor: FileDescriptor;
  try {
    descriptor = openProcess(process.pid);
  } catch (error) {
    if (error instanceof SyscallError) return undefined;
    throw error;
  }
  // Only now: the pid may have been another's before.
  if (isRunning(process)) return descriptor;
  descriptor.close();
  return undefined;
}

/** A process, held by a descriptor where that goes: one system call then tells whether it runs. */
export class ProcessHandle implements Disposable {
  readonly #process: Process;
  readonly #descriptor: FileDescriptor | undefined;

  /** Opens the process, which may have ended. */
  constructor(process: Process) {
    this.#process = process;
    this.#descriptor = open(process);
  }

  /** Whether it runs, as far as this process may know. */
  isRunning(): boolean {
    return this.#descriptor === undefined ? isRunning(this.#process) : !hasProcessEnded(this.#descriptor);
  }

  [Symbol.dispose](): void {
    this.#descriptor?.close();
  }
}
