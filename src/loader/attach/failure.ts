/** What it means that the kernel has not attached a program, or has nothing to attach it to. @module */
import type { AttachTarget, ProgramKind } from "../../elf/mod.ts";
import { Errno, type SyscallError } from "../../syscall/mod.ts";
import { type KernelConfig, kernelConfig } from "../kernel/config.ts";
import { needsTrampoline } from "../programs/load_failure.ts";

/**
 * Why the kernel has not attached a program to what its section's name says.
 *
 * @param kind what the section's name says
 * @param target what follows the kind there
 * @param error what the system call said
 * @returns undefined if its own words say it all
 */
export function attachHint(kind: ProgramKind, target: string, error: SyscallError): string | undefined {
  if (kind.attach === "raw_tracepoint" && error.errno === Errno.ENOENT) {
    return `this kernel has no raw tracepoint ${target}; one of a module is there while the module is loaded`;
  }
  if (needsTrampoline(kind) && error.errno === Errno.ENOTSUPP) {
    return `this kernel cannot call ${kind.prefix} programs from functions: it takes CONFIG_BPF_JIT=y and ` +
      "CONFIG_FUNCTION_TRACER=y, and on arm64 Linux 6.0; use tp_btf, raw_tp or kprobe";
  }
}

/**
 * What to add where the kernel has no type that a program could attach to.
 *
 * @param target what the program attaches to
 * @param config gives the kernel's options, by default those of the running kernel
 */
export function absenceHint(
  { noun }: AttachTarget,
  config: () => KernelConfig | undefined = kernelConfig,
): string {
  if (noun !== "LSM hook") return "";
  const options = config();
  return options === undefined || options.get("CONFIG_BPF_LSM") === "y"
    ? ""
    : "; it is built without CONFIG_BPF_LSM=y, which programs on LSM hooks need";
}
