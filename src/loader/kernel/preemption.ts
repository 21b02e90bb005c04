/** Whether one task can interrupt another anywhere in the kernel. @module */
import { Errno, isErrno, readTextFile } from "../../syscall/mod.ts";
import { type KernelConfig, kernelConfig } from "./config.ts";

/** What the kernel says of its preemption. */
export interface PreemptionHints {
  /** `/proc/sys/kernel/version`: `#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1`. */
  readonly version: string;
  /** `/proc/cmdline`. */
  readonly commandLine: string;
  /** The configuration, if it is anywhere; asked only if it matters. */
  readonly config: () => Pick<KernelConfig, "get"> | undefined;
}

/**
 * Tells whether a task can be interrupted for another one anywhere in the kernel, also in the middle of a program.
 *
 * So it is with `CONFIG_PREEMPT_RT` and `CONFIG_PREEMPT`, which `preempt=` on the command line overrides where
 * the kernel has `CONFIG_PREEMPT_DYNAMIC`. Lazy preemption interrupts a task in the kernel only after two ticks.
 *
 * @returns false also where a kernel with a choice does not show its configuration
 */
export function isFullyPreemptible({ version, commandLine, config }: PreemptionHints): boolean {
  const [model] = /\bPREEMPT\w*/.exec(version) ?? [];
  if (model !== "PREEMPT_DYNAMIC") return model === "PREEMPT" || model === "PREEMPT_RT";
  const chosen = [...commandLine.matchAll(/(?:^|\s)preempt=(none|voluntary|lazy|full)(?=\s|$)/g)].at(-1)?.[1];
  return chosen === undefined ? config()?.get("CONFIG_PREEMPT") === "y" : chosen === "full";
}

/** What a file says; nothing if it may not be read. */
function textOf(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (isErrno(error, Errno.ENOENT, Errno.EACCES)) return "";
    throw error;
  }
}

/** {@linkcode isFullyPreemptible} for the running kernel, as it was started. */
export function kernelIsFullyPreemptible(): boolean {
  return isFullyPreemptible({
    version: textOf("/proc/sys/kernel/version"),
    commandLine: textOf("/proc/cmdline"),
    config: kernelConfig,
  });
}
