/** Which ways to attach this kernel has, so that a test of one that it lacks is ignored and does not pass. @module */
import type { StrategyName } from "../../src/programs/mod.ts";
import { wholeCgroupMount } from "./needs.ts";
import { Watch } from "./watch.ts";

/** The ways that this kernel has, where that is known before, as it is of the guests' kernels. */
const KNOWN = Deno.env.get("KTM_STRATEGIES")?.split(",");

/** Why a way is not whole that a guest's kernel is known not to have: there, that is a part of the test. */
export const ELSEWHERE = "not in KTM_STRATEGIES";

/** Whether the kernel refuses these programs to root, which is what hardened kernels do. */
export function forbidsTrampolines(): boolean {
  if (Deno.uid() !== 0) return false;
  const cgroup = wholeCgroupMount();
  if (cgroup === undefined) return false;
  try {
    new Watch(cgroup, ["fentry"])[Symbol.dispose]();
    return false;
  } catch (error) {
    return /forbids f(entry|exit) programs even to CAP_SYS_ADMIN: .*EPERM\)$/.test(String(error));
  }
}

function lacksKprobes(): boolean {
  return !/ register_kprobe$/m.test(Deno.readTextFileSync("/proc/kallsyms"));
}

/** What a kernel may lack, and how one finds out; any other reason not to attach is a fault. */
const LACKS: Partial<Record<StrategyName, { readonly reason: string; readonly isSo: () => boolean }>> = {
  fentry: { reason: "this kernel forbids fentry programs", isSo: forbidsTrampolines },
  kprobe: { reason: "this kernel has no kprobes", isSo: lacksKprobes },
};

/**
 * Tells why programs cannot be attached in a way. Asks the kernel, which takes root.
 *
 * @param strategy the way
 * @returns undefined if they can, or have to
 */
export function whyNot(strategy: StrategyName): string | undefined {
  if (KNOWN !== undefined) {
    return KNOWN.includes(strategy) ? undefined : ELSEWHERE;
  }
  const lack = LACKS[strategy];
  return lack?.isSo() ? lack.reason : undefined;
}
