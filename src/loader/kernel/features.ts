/** What the running kernel can do, found by trying. @module */
import { BpfProgramType, BtfKind } from "../../elf/mod.ts";
import {
  BpfCommand,
  bpfOpen,
  BTF_LOAD_ATTR,
  Errno,
  isErrno,
  liftMemlockLimit,
  PROG_LOAD_ATTR,
  textBeforeNul,
} from "../../syscall/mod.ts";
import { ProbeError } from "../errors.ts";

/** Helper functions whose presence tells what a kernel can do: `enum bpf_func_id`, and the kernel that brought it. */
export const BpfHelper = {
  /** In 5.10 for programs that belong to cgroups, later for tracing programs, too. */
  GET_CURRENT_ANCESTOR_CGROUP_ID: 123,
  /** 5.11 for some, 5.12 for tracing programs; from 5.11 on there is bpf_get_current_task_btf(), too. */
  TASK_STORAGE_GET: 156,
  /** 5.15. */
  GET_ATTACH_COOKIE: 174,
  /** 5.15. */
  TASK_PT_REGS: 175,
  /** 5.11, as is the accounting of BPF memory to cgroups; not for tracing programs from 5.16 on. */
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
 * Whether programs may call a helper: one that does nothing else is offered to the verifier, which names an
 * unknown helper before it looks at the arguments.
 *
 * @param helper one of {@linkcode BpfHelper}
 * @param programType one of {@linkcode BpfProgramType}; by default that of tracing programs
 * @throws {ProbeError} if this process may not load programs, and why
 */
export function hasHelper(helper: number, programType: number = BpfProgramType.TRACEPOINT): boolean {
  const log = new Uint8Array(new ArrayBuffer(LOG_SIZE));
  const action = `probe helper ${helper}`;
  try {
    bpfOpen(BpfCommand.PROG_LOAD, PROG_LOAD_ATTR, {
      prog_type: programType,
      insns: callInstructions(helper),
      insn_cnt: 2,
      license: new TextEncoder().encode("GPL\0"),
      log_level: 1,
      log_size: log.length,
      log_buf: log,
    }, action).close();
    return true;
  } catch (error) {
    // Without a log the verifier has not looked at the program at all.
    const isSeen = log[0] !== 0;
    if (isErrno(error, Errno.EPERM) || isErrno(error, Errno.EACCES) && !isSeen) {
      throw new ProbeError(action, error);
    }
    if (!isErrno(error, Errno.EINVAL, Errno.EACCES)) throw error;
    return isSeen && !UNKNOWN_HELPER.test(textBeforeNul(log));
  }
}

const BTF_MAGIC_AND_VERSION = 0xeb9f | 1 << 16;
const BTF_HEADER_SIZE = 24;

/** The type after an `int` (id 1) that shows whether the kernel knows a kind. Name offset 1 is `int`. */
const SAMPLES: Readonly<Record<number, readonly number[]>> = {
  [BtfKind.FLOAT]: [1, BtfKind.FLOAT << 24, 4],
  // A tag is on something: on a structure without members, which comes after it.
  [BtfKind.DECL_TAG]: [1, BtfKind.DECL_TAG << 24, 3, -1, 1, BtfKind.STRUCT << 24, 0],
  [BtfKind.TYPE_TAG]: [1, BtfKind.TYPE_TAG << 24, 1],
  [BtfKind.ENUM64]: [1, BtfKind.ENUM64 << 24 | 1, 8, 1, 0, 0],
};

const KINDS: ReadonlySet<number> = new Set(Object.values(BtfKind));

const knownKinds = new Map<number, boolean>();

function loadsBtf(kind: number, sample: readonly number[]): boolean {
  const int = [1, BtfKind.INT << 24, 4, 1 << 24 | 32];
  const strings = new TextEncoder().encode("\0int\0");
  const typesLength = (int.length + sample.length) * 4;
  const header = [BTF_MAGIC_AND_VERSION, BTF_HEADER_SIZE, 0, typesLength, typesLength, strings.length];
  const words = new Uint8Array(Int32Array.from([...header, ...int, ...sample]).buffer);
  const btf = new Uint8Array(new ArrayBuffer(words.length + strings.length));
  btf.set(words);
  btf.set(strings, words.length);
  const action = `probe kind ${kind} of BTF types`;
  try {
    bpfOpen(BpfCommand.BTF_LOAD, BTF_LOAD_ATTR, { btf, btf_size: btf.length }, action).close();
    return true;
  } catch (error) {
    if (isErrno(error, Errno.EINVAL)) return false;
    if (isErrno(error, Errno.EPERM, Errno.EACCES)) throw new ProbeError(action, error);
    throw error;
  }
}

/**
 * Whether the running kernel knows a kind of BTF types. Those that are not newer than 5.10 it does know.
 *
 * @param kind one of {@linkcode BtfKind}
 * @throws {RangeError} if there is no such kind
 * @throws {ProbeError} if this process may not load BTF, and why
 */
export function knowsBtfKind(kind: number): boolean {
  if (!KINDS.has(kind)) throw new RangeError(`Cannot probe kind ${kind} of BTF types: there is none`);
  const sample = SAMPLES[kind];
  const known = knownKinds.get(kind) ?? (sample === undefined || loadsBtf(kind, sample));
  knownKinds.set(kind, known);
  return known;
}

let isPrepared = false;

/** Lifts the limit on locked memory once, on kernels that charge BPF objects to it (before 5.11). */
export function prepareMemlock(): void {
  if (isPrepared) return;
  isPrepared = true;
  try {
    if (hasHelper(BpfHelper.KTIME_GET_COARSE_NS, BpfProgramType.SOCKET_FILTER)) return;
    liftMemlockLimit();
  } catch (error) {
    // Without privileges the limit stays; creating a map or loading a program says so.
    if (!(error instanceof ProbeError) && !isErrno(error, Errno.EPERM)) throw error;
  }
}
