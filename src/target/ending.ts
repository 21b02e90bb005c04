/** How a life of the target ended, by what the kernel saw. Pure. @module */
import type { Process } from "../discovery/mod.ts";
import type { LifeEnd, Moment } from "../metrics/mod.ts";
import type { ProcessEnd } from "./ends.ts";

/** What is known when a target is not there any more. */
export interface Ending {
  /** The process that was watched; none if only its cgroup was. */
  readonly process: Process | undefined;
  /** Whether it runs, for then it is only that it is watched no more. */
  readonly isRunning: boolean;
  /** The ends of processes that the kernel saw, the newest last. */
  readonly ends: readonly ProcessEnd[];
  /** When that was noticed. */
  readonly now: Moment;
}

function isOf(process: Process | undefined, end: ProcessEnd): boolean {
  if (process === undefined) return true;
  // Either may be in a PID namespace that the other does not show.
  const isSamePid = end.pid === 0 || process.pid === 0 || end.pid === process.pid;
  return isSamePid && end.startTime === process.startTime;
}

/** The end of a life. */
export function lifeEndOf({ process, isRunning, ends, now }: Ending): LifeEnd {
  if (isRunning) return { ...now, how: "unwatched" };
  const seen = ends.findLast((end) => isOf(process, end));
  if (seen === undefined) return { ...now, how: "unknown" };
  const monotonicMs = Math.trunc(Math.min(seen.monotonicMs, now.monotonicMs));
  return {
    timeMs: now.timeMs - (now.monotonicMs - monotonicMs),
    monotonicMs,
    how: seen.how,
    ...seen.status !== undefined && { status: seen.status },
    ...seen.signal !== undefined && { signal: seen.signal },
    ...seen.dumpedCore !== undefined && { dumpedCore: seen.dumpedCore },
  };
}
