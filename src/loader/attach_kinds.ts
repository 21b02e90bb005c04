/** What each way to attach means for loading. @module */
import { type AttachKind, BtfKind } from "../elf/mod.ts";
import { BpfAttachType, BpfProgramType } from "../syscall/mod.ts";

/** A kind of type in the kernel's BTF that programs attach to. */
export interface AttachTarget {
  /** What stands before the name in the BTF. */
  readonly prefix: string;
  /** One of {@linkcode BtfKind}. */
  readonly kind: number;
  /** What people call it. */
  readonly noun: string;
}

/** How programs of one kind are loaded. */
export interface AttachKindInfo {
  /** `enum bpf_prog_type`. */
  readonly type: number;
  /** `enum bpf_attach_type`, 0 where the kernel does not ask. */
  readonly attachType: number;
  /** What it attaches to, where the kernel wants to know when the program is loaded. */
  readonly target?: AttachTarget;
}

const TRACEPOINT: AttachTarget = { prefix: "btf_trace_", kind: BtfKind.TYPEDEF, noun: "tracepoint" };
const FUNCTION: AttachTarget = { prefix: "", kind: BtfKind.FUNC, noun: "function" };
const KPROBE: AttachKindInfo = { type: BpfProgramType.KPROBE, attachType: 0 };

/** All kinds. */
export const ATTACH_KINDS: Readonly<Record<AttachKind, AttachKindInfo>> = {
  tp_btf: { type: BpfProgramType.TRACING, attachType: BpfAttachType.TRACE_RAW_TP, target: TRACEPOINT },
  fentry: { type: BpfProgramType.TRACING, attachType: BpfAttachType.TRACE_FENTRY, target: FUNCTION },
  fexit: { type: BpfProgramType.TRACING, attachType: BpfAttachType.TRACE_FEXIT, target: FUNCTION },
  raw_tracepoint: { type: BpfProgramType.RAW_TRACEPOINT, attachType: 0 },
  tracepoint: { type: BpfProgramType.TRACEPOINT, attachType: 0 },
  kprobe: KPROBE,
  kretprobe: KPROBE,
  ksyscall: KPROBE,
  kretsyscall: KPROBE,
};
