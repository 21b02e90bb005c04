/** The ends of the target in a recording: the first thing that an explanation tells. @module */
import {
  describeEnd,
  isCrash,
  type Life,
  type LifeEnd,
  type LifeEndKind,
  type Recording,
  signalName,
} from "../metrics/mod.ts";
import { formatNumber, isoTime } from "./words/units.ts";

/** An end of the target, or of its watch where the agent ended first and the target was gone afterwards. */
export interface TargetEnd {
  /** The number of the life that it ended. */
  readonly life: number;
  readonly comm: string;
  /** In the agent's PID namespace; null where that does not show the process. */
  readonly pid: number | null;
  /** The directory or the id of its cgroup, null if only the comm was known. */
  readonly cgroup: string | null;
  /** ISO 8601, UTC, as the wall clock showed it then. */
  readonly at: string;
  readonly how: LifeEndKind;
  /** Whether it is neither an orderly stop nor the end of the watch alone. */
  readonly isCrash: boolean;
  readonly status: number | null;
  /** The signal's name. */
  readonly signal: string | null;
  readonly dumpedCore: boolean;
  /** How long the agent had watched it. */
  readonly watchedSeconds: number;
  /** Collections of this life that are kept in the period. */
  readonly collections: number;
  /** Time between the last of them and the end, of which nothing is known; null if there is none. */
  readonly missingSeconds: number | null;
  /** One sentence. */
  readonly text: string;
  /** What to do about it, the first thing first. */
  readonly advice: readonly string[];
}

/** More ends than this are no history but a loop; the newest ones are listed. */
const MOST_ENDS = 16;

const MS = 1000;

function seconds(ms: number): number {
  return Number((Math.max(0, ms) / MS).toFixed(3));
}

/** Units of time for what lasts, the largest first. */
const LONG_TIMES = [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]] as const;

function duration(seconds: number): string {
  const [unit, size] = LONG_TIMES.find(([, size]) => seconds >= size) ?? LONG_TIMES.at(-1)!;
  return `${formatNumber(seconds / size)} ${unit}`;
}

/** Signals by which the kernel or the program itself ends a program for a fault. Source: `man 7 signal`. */
const FAULTS: ReadonlySet<string> = new Set([
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGSEGV",
  "SIGSYS",
]);

function signalAdvice(signal: string): string {
  if (FAULTS.has(signal)) {
    return `The database crashed by ${signal}: keep its log and core dump (coredumpctl)`;
  }
  return `A process sent ${signal}: look in the log of the service manager or container runtime ` +
    "(stop timeout, failed liveness probe, eviction)";
}

/** What to do about an end; nothing about an orderly one. */
function adviceOn(end: LifeEnd): readonly string[] {
  const advice: Readonly<Record<LifeEndKind, string>> = {
    oom:
      "The kernel killed it for lack of memory: look for oom-kill in dmesg; raise the memory limit, or let the " +
      "database use less",
    signal: signalAdvice(signalName(end.signal ?? 0)),
    exit: "The database gave up: read the last lines of its log",
    unknown: "How it ended is not known: look in the log of the service manager or container runtime",
    unwatched: "The agent ended before it: look in the log of the service manager or container runtime",
  };
  if (!isCrash(end) && end.how !== "unwatched") return [];
  return [
    advice[end.how],
    "Save the history: curl --fail 'http://127.0.0.1:9090/recorder?last=1h' > crash.json",
  ];
}

/** Which times the windows have. */
function spanOf({ windows }: Recording): readonly [fromMs: number, toMs: number] {
  const firsts = windows.flatMap(({ monotonicMs }) => monotonicMs.slice(0, 1));
  const lasts = windows.flatMap(({ monotonicMs }) => monotonicMs.slice(-1));
  return [
    firsts.reduce((a, b) => Math.min(a, b), Infinity),
    lasts.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

/** The entry of a life that has ended; none if it has not. */
function endOf({ number, target, begin, end }: Life, times: readonly number[]): TargetEnd[] {
  if (end === undefined) return [];
  const { comm, pid, cgroup } = target;
  const last = times.at(-1);
  const watchedSeconds = seconds(end.monotonicMs - begin.monotonicMs);
  const name = [`process ${pid ?? "of another PID namespace"}`, ...cgroup === undefined ? [] : [cgroup]];
  return [{
    life: number,
    comm,
    pid: pid ?? null,
    cgroup: cgroup ?? null,
    at: isoTime(end.timeMs),
    how: end.how,
    isCrash: isCrash(end),
    status: end.status ?? null,
    signal: end.signal === undefined ? null : signalName(end.signal),
    dumpedCore: end.dumpedCore ?? false,
    watchedSeconds,
    collections: times.length,
    missingSeconds: last === undefined ? null : seconds(end.monotonicMs - last),
    text: `${comm} (${name.join(", ")}) ${describeEnd(end)} at ${isoTime(end.timeMs)}, after ${
      duration(watchedSeconds)
    } under watch`,
    advice: adviceOn(end),
  }];
}

/**
 * Whether a life is known to be over: of one that the agent stopped to watch, only if an agent has looked for the
 * target since, and has not found the same process.
 */
function isOver({ number, target, end }: Life, { lives, windows }: Recording): boolean {
  if (end?.how !== "unwatched") return end !== undefined;
  const isBack = lives.some(({ target: { pid, comm }, begin }) =>
    begin.monotonicMs >= end.monotonicMs && pid === target.pid && comm === target.comm
  );
  const told = new Set(windows.filter(({ life }) => life === number).map(({ source }) => source));
  const isLookedFor = windows.some(({ source, life, monotonicMs }) =>
    told.has(source) && life !== number && (monotonicMs.at(-1) ?? -Infinity) > end.monotonicMs
  );
  return isLookedFor && !isBack;
}

/**
 * The ends of the target in the period of a recording, the oldest first; of very many, the newest.
 *
 * @param recording what a Flight Recorder gave back
 */
export function endsOf(recording: Recording): readonly TargetEnd[] {
  const [fromMs, toMs] = spanOf(recording);
  const longest = (life: number) =>
    recording.windows.filter((window) => window.life === life)
      .map(({ monotonicMs }) => monotonicMs)
      .reduce((a, b) => b.length > a.length ? b : a, []);
  return recording.lives
    .filter((life) => isOver(life, recording))
    .filter(({ end }) => end!.monotonicMs >= fromMs && end!.monotonicMs <= toMs)
    .flatMap((life) => endOf(life, longest(life.number).filter((time) => time >= life.begin.monotonicMs)))
    .slice(-MOST_ENDS);
}
