/** How many CPUs a per-CPU map has values for. @module */
import { readTextFile } from "../../syscall/mod.ts";

/** Counts the CPUs in a list such as `0-3,8` (the format of `/sys/devices/system/cpu/possible`). */
export function countCpus(list: string): number {
  return list.trim().split(",").reduce((sum, range) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const count = Number(last) - Number(first) + 1;
    if (!(count > 0)) throw new SyntaxError(`Cannot parse CPU list ${JSON.stringify(list)}`);
    return sum + count;
  }, 0);
}

let possible: number | undefined;

/** Number of CPUs that could ever be present; the kernel fixes it at boot. */
export function possibleCpus(): number {
  return possible ??= countCpus(readTextFile("/sys/devices/system/cpu/possible"));
}
