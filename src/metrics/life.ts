/**
 * Lives of the target: from the moment it is watched until it ends. Plain values.
 *
 * @module
 */

/** One moment by two clocks. The monotonic one decides order, durations and rates; the wall clock is a label. */
export interface Moment {
  /** Milliseconds since the Unix epoch; steps when the wall clock is set. */
  readonly timeMs: number;
  /**
   * Milliseconds of `CLOCK_MONOTONIC`, the same for every process of one boot; negative for what a recorder took
   * over from an earlier boot.
   */
  readonly monotonicMs: number;
}

/** The target of a life. */
export interface LifeTarget {
  readonly comm: string;
  /** In the agent's PID namespace; absent where that does not show the process. */
  readonly pid?: number;
  /** The directory of its cgroup or, where no mount shows it, the cgroup's id; absent if only the comm is known. */
  readonly cgroup?: string;
}

/**
 * How a target ended.
 *
 * - `exit`: it called `exit(2)`
 * - `signal`: a signal killed it
 * - `oom`: the OOM killer chose it
 * - `unknown`: it ended, and the kernel did not tell how
 * - `unwatched`: it went on, and the agent stopped to watch it
 */
export const LIFE_ENDS = ["exit", "signal", "oom", "unknown", "unwatched"] as const;

/** One of {@linkcode LIFE_ENDS}. */
export type LifeEndKind = typeof LIFE_ENDS[number];

/** The end of a life. */
export interface LifeEnd extends Moment {
  readonly how: LifeEndKind;
  /** The exit status, of `exit` only. */
  readonly status?: number;
  /** The signal's number, of `signal` and `oom`. */
  readonly signal?: number;
  /** Whether the process left a core dump, of `signal` only. */
  readonly dumpedCore?: boolean;
}

/** One life of the target. Counters go on from one to the next as long as both are in one container. */
export interface Life {
  /** From 1, in the order of their beginnings. */
  readonly number: number;
  readonly target: LifeTarget;
  /** When the agent began to watch it. */
  readonly begin: Moment;
  /** Absent while it lasts. */
  readonly end?: LifeEnd;
}
