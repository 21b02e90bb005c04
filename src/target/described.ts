/** What is said of a target to people, and kept of it. Pure. @module */
import type { Target } from "../discovery/mod.ts";
import type { LifeTarget } from "../metrics/mod.ts";

/** What the log says of a target. */
export function described(
  { mode, reason, process, cgroup, others }: Target,
): Readonly<Record<string, unknown>> {
  return {
    mode,
    reason,
    // Without one in this PID namespace it has the number 0.
    pid: process?.pid || undefined,
    comm: process?.comm,
    cgroup: cgroup?.path ?? cgroup?.id,
    others: others.length > 0 ? others.map(({ pid, comm }) => pid || comm).join(",") : undefined,
  };
}

/** What is kept of a target with its life. */
export function lifeTargetOf({ process, cgroup }: Target): LifeTarget {
  const directory = cgroup?.path ?? cgroup?.id;
  return {
    comm: process?.comm ?? "",
    ...process && process.pid > 0 && { pid: process.pid },
    ...directory !== undefined && { cgroup: String(directory) },
  };
}
