/** What it means that the kernel has not loaded a program. Pure but for this process's privileges. @module */
import { BpfAttachType, BpfProgramType, type ProgramKind } from "../../elf/mod.ts";
import { effectiveCapabilities, Errno, hasCapability, type SyscallError } from "../../syscall/mod.ts";
import { permissionHint } from "../errors.ts";

/** Programs of these types run from a trampoline, but for tracepoints and iterators. */
const TRAMPOLINE_TYPES: ReadonlySet<number> = new Set([
  BpfProgramType.TRACING,
  BpfProgramType.LSM,
  BpfProgramType.EXT,
]);
const WITHOUT_TRAMPOLINE: ReadonlySet<number> = new Set([
  BpfAttachType.TRACE_RAW_TP,
  BpfAttachType.TRACE_ITER,
]);

/** Whether the kernel runs programs of a kind from a trampoline, code that it writes into the function's entry. */
export function needsTrampoline({ type, attachType }: Pick<ProgramKind, "type" | "attachType">): boolean {
  return TRAMPOLINE_TYPES.has(type) && !WITHOUT_TRAMPOLINE.has(attachType);
}

/**
 * What a section's name means that is the name of no kind of program.
 *
 * @param section the section's name
 */
export function unknownSection(section: string): string {
  return /^\??usdt(\.s)?(\/|$)/.test(section)
    ? "USDT is not supported, for its arguments take code of libbpf's in the program; use uprobe"
    : "no kind of program has a section of that name";
}

/**
 * Why a program is refused of which the verifier says nothing.
 *
 * @param error what the system call said
 * @param kind what its section's name says
 * @param held the effective capabilities, by default those of this process
 */
export function loadHint(
  error: SyscallError,
  kind: ProgramKind,
  held: bigint = effectiveCapabilities(),
): string {
  switch (error.errno) {
    case Errno.EAGAIN:
    case Errno.EINTR:
      return "the kernel was interrupted whenever it looked at it, also while signals were blocked; try again";
    case Errno.ENOTSUPP:
      return "the kernel does not compile it, which it needs: use a kernel built with CONFIG_BPF_JIT=y, " +
        "and set net.core.bpf_jit_enable=1";
    case Errno.EINVAL:
      if (kind.since === undefined) break;
      return `the kernel refuses it; ${kind.prefix} came with Linux ${kind.since}`;
    case Errno.EPERM:
      // Of missing capabilities the kernel says the same.
      if (!needsTrampoline(kind) || !hasCapability(held, "CAP_SYS_ADMIN")) break;
      return `this kernel, or a security module of its, forbids ${kind.prefix} programs even to CAP_SYS_ADMIN: ` +
        "it may be hardened against BPF trampolines; use tp_btf, raw_tp or kprobe";
  }
  return permissionHint(error, held);
}
