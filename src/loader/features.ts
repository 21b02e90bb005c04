/** What the running kernel can do, found by trying. @module */
import {
  BpfCommand,
  bpfOpen,
  BpfProgramType,
  Errno,
  isErrno,
  liftMemlockLimit,
  PROG_LOAD_ATTR,
  textBeforeNul,
} from "../syscall/mod.ts";

/** Helper functions whose presence tells what a kernel can do: `enum bpf_func_id`, and the kernel that brought it. */
export const BpfHelper = {
  /** In 5.10 for programs that belong to cgroups, later for tracing programs, too. */
  GET_CURRENT_ANCESTOR_CGROUP_ID: 123,
  /** 5.11 for some, 5.12 for tracing programs; from 5.11 on there is bpf_get_current_task_btf(), too. */
  TASK_STORAGE_GET: 156,
  /** 5.11, as is the accounting of BPF memory to cgroups. */
  KTIME_GET_COARSE_NS: 160,
} as const;

/** More than the verifier says of two instructions. */
const LOG_SIZE = 4096;

/** `call helper; exit`. */
function callInstructions(helper: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(new ArrayBuffer(16));
  bytes[0] = 0x85;
  new DataView(bytes.buffer).setInt32(4, helper, true);
  bytes[8] = 0x95;
  return bytes;
}

/** What the verifier says of a helper that a program may not call, in the words of all kernels so far. */
const UNKNOWN_HELPER = /invalid func |unknown func |program of this type cannot use helper /;

/**
 * Whether tracing programs may call a helper: a program that does nothing else is offered to the verifier,
 * which names an unknown helper before it looks at the arguments.
 */
export function hasHelper(helper: number): boolean {
  const log = new Uint8Array(new ArrayBuffer(LOG_SIZE));
  try {
    bpfOpen(BpfCommand.PROG_LOAD, PROG_LOAD_ATTR, {
      prog_type: BpfProgramType.TRACEPOINT,
      insns: callInstructions(helper),
      insn_cnt: 2,
      license: new TextEncoder().encode("GPL\0"),
      log_level: 1,
      log_size: log.length,
      log_buf: log,
    }, `probe helper ${helper}`).close();
    return true;
  } catch (error) {
    // Without a log the verifier has not looked at the program at all.
    return isErrno(error, Errno.EINVAL, Errno.EACCES) && log[0] !== 0 &&
      !UNKNOWN_HELPER.test(textBeforeNul(log));
  }
}

let isPrepared = false;

/** Lifts the limit on locked memory once, on kernels that charge BPF objects to it (before 5.11). */
export function prepareMemlock(): void {
  if (isPrepared) return;
  isPrepared = true;
  if (hasHelper(BpfHelper.KTIME_GET_COARSE_NS)) return;
  try {
    liftMemlockLimit();
  } catch (error) {
    // Without CAP_SYS_RESOURCE the limit stays; if it is too low, creating a map says so.
    if (!isErrno(error, Errno.EPERM)) throw error;
  }
}
