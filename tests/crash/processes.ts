/** Processes of others. @module */

/** The number of a process in its own PID namespace. */
export function innerPidOf(pid: number): number {
  return Number(/^NSpid:.*\t(\d+)$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

/** The name of a process; undefined if it has ended. */
export function commOf(pid: number): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).trimEnd();
  } catch {
    return undefined;
  }
}

/** The processes right in a cgroup; none if there is no such cgroup. */
export function processesIn(cgroup: string): number[] {
  try {
    return Deno.readTextFileSync(`${cgroup}/cgroup.procs`).split("\n").filter(Boolean).map(Number);
  } catch (error) {
    // Not made yet, or removed.
    if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ENODEV") return [];
    throw error;
  }
}

/** Whether a process has ended, whoever has yet to hear of it. */
export function isGone(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return true;
  }
}
