/** What the target watch is told. @module */
import type { StrategyName } from "../programs/mod.ts";
import type { LifeObserver, WatchLog } from "./follower.ts";
import type { CommFallback } from "./scope.ts";

/** What the watch works with. */
export interface TargetWatchOptions {
  readonly commPrefix: string;
  readonly commFallback: CommFallback;
  /** The target's cgroup, if it is not to be found by comm. */
  readonly cgroupPath?: string | undefined;
  /** The ways to attach that may be tried; all of them unless given. */
  readonly strategies?: readonly StrategyName[] | undefined;
  /** Whether the runs of the programs are reported, which the kernel has been told to count. */
  readonly selfStats?: boolean | undefined;
  readonly log: WatchLog;
  readonly lives: LifeObserver;
  /** Milliseconds for which no namesake takes the place of a target that has ended; a minute unless given. */
  readonly graceMs?: number | undefined;
}
