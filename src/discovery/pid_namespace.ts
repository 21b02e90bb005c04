/** The agent's PID namespace. @module */
import { type FileStatus, stat } from "../syscall/mod.ts";

/** A PID namespace as `bpf_get_ns_current_pid_tgid()` wants it. */
export interface PidNamespace {
  /** Device of the namespace file system, in the kernel's own encoding. */
  readonly device: bigint;
  readonly inode: bigint;
}

/** `PROC_PID_INIT_INO` in `include/linux/proc_ns.h`. */
const PROC_PID_INIT_INO = 0xeffffffcn;

/**
 * The PID namespace of this process, or `undefined` in the initial one: it sees every process of the
 * machine, so that it narrows nothing.
 *
 * @param status the status of `/proc/self/ns/pid`; only tests give another
 */
export function pidNamespace(
  status: Pick<FileStatus, "device" | "inode"> = stat("/proc/self/ns/pid"),
): PidNamespace | undefined {
  if (status.inode === PROC_PID_INIT_INO) return undefined;
  return { device: status.device, inode: status.inode };
}
