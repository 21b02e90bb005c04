/** The ends of the target in a recording: the first thing that an explanation tells. @module */
import { describeEnd, type Life, type LifeEndKind, type Recording, signalName } from "../metrics/mod.ts";
import { formatNumber, isoTime } from "./units.ts";

/** An end of the target. */
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
  readonly how: Exclude<LifeEndKind, "unwatched">;
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
}

/** More ends than this are no history but a loop; the newest ones are told. */
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

/** Which times the windows have. */
function spanOf({ windows }: Recording): readonly [fromMs: number, toMs: number] {
  const firsts = windows.flatMap(({ monotonicMs }) => monotonicMs.slice(0, 1));
  const lasts = windows.flatMap(({ monotonicMs }) => monotonicMs.slice(-1));
  return [
    firsts.reduce((a, b) => Math.min(a, b), Infinity),
    lasts.reduce((a, b) => Math.max(a, b), -Infinity),
  ];
}

/** What is told of a life that has ended; nothing if it has not. */
function endOf({ number, target, begin, end }: Life, times: readonly number[]): TargetEnd[] {
  if (end === undefined || end.how === "unwatched") return [];
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
    status: end.status ?? null,
    signal: end.signal === undefined ? null : signalName(end.signal),
    dumpedCore: end.dumpedCore ?? false,
    watchedSeconds,
    collections: times.length,
    missingSeconds: last === undefined ? null : seconds(end.monotonicMs - last),
    text: `${comm} (${name.join(", ")}) ${describeEnd(end)} at ${isoTime(end.timeMs)}, after ${
      duration(watchedSeconds)
    } under watch`,
  }];
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
    .filter(({ end }) => end !== undefined && end.monotonicMs >= fromMs && end.monotonicMs <= toMs)
    .flatMap((life) => endOf(life, longest(life.number).filter((time) => time >= life.begin.monotonicMs)))
    .slice(-MOST_ENDS);
}
