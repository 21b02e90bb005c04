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

/** Names of the signals that end a process, by their numbers: the same on x86 and arm64. Source: `man 7 signal`. */
const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  16: "SIGSTKFLT",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  26: "SIGVTALRM",
  27: "SIGPROF",
  29: "SIGIO",
  30: "SIGPWR",
  31: "SIGSYS",
};

/** The name of a signal, or its number where it has none. */
export function signalName(signal: number): string {
  return SIGNAL_NAMES[signal] ?? `signal ${signal}`;
}

/** Signals by which an operator stops a process. */
const STOPS: ReadonlySet<number | undefined> = new Set([2, 15]);

/** Whether an end is neither an orderly stop nor the agent's own doing. */
export function isCrash({ how, status, signal }: LifeEnd): boolean {
  const isStop: Readonly<Record<LifeEndKind, boolean>> = {
    exit: status === 0,
    signal: STOPS.has(signal),
    oom: false,
    unknown: false,
    unwatched: true,
  };
  return !isStop[how];
}

/** An end in words, for a sentence about the target: `killed by SIGSEGV, core dumped`. */
export function describeEnd({ how, status, signal, dumpedCore }: LifeEnd): string {
  const name = signal === undefined ? "a signal" : signalName(signal);
  const words: Readonly<Record<LifeEndKind, string>> = {
    exit: `exited with status ${status ?? "unknown"}`,
    signal: `killed by ${name}${dumpedCore ? ", core dumped" : ""}`,
    oom: `killed by the OOM killer (${name})`,
    unknown: "ended; the kernel did not report how",
    unwatched: "still running when the agent stopped to watch it",
  };
  return words[how];
}
