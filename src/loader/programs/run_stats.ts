/** Statistics of how programs run. @module */
import {
  BPF_STATS_RUN_TIME,
  BpfCommand,
  bpfOpen,
  ENABLE_STATS_ATTR,
  type FileDescriptor,
} from "../../syscall/mod.ts";

/**
 * Has the kernel count the runs of every program of the machine, and their time, which costs each run two readings
 * of a clock (5.8; needs CAP_SYS_ADMIN).
 *
 * @returns what keeps it in force while it is open
 * @throws {SyscallError} if the kernel does not allow it
 */
export function enableRunStats(): FileDescriptor {
  const what = "count the runs of programs, which needs CAP_SYS_ADMIN";
  return bpfOpen(BpfCommand.ENABLE_STATS, ENABLE_STATS_ATTR, { type: BPF_STATS_RUN_TIME }, what);
}
