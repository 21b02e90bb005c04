/** Lives as they stand in a recorder file. @module */
import { type Life, LIFE_ENDS, type LifeEnd, type LifeTarget, type Moment } from "../../metrics/mod.ts";

/** A life with the clock that its moments are of. */
export interface StoredLife {
  /** Which run of an agent watched it; from 1. */
  readonly run: number;
  /** 32 hexadecimal digits. */
  readonly bootId: string;
  readonly life: Life;
}

/** The newest that are kept, and at most the share of a segment that `MOST_BYTES` says. */
const MOST_LIVES = 256;

/** A life by which more would leave too little of a segment to rows, in bytes of JSON. */
const MOST_BYTES = 32 * 1024;

/** The text of a life in a file. */
export function lifeText(stored: StoredLife): string {
  return JSON.stringify(stored);
}

/** The newest lives, as many as each segment repeats, the oldest first. */
export function repeatedLives(lives: Iterable<StoredLife>): StoredLife[] {
  const newest = [...lives].sort((a, b) => b.life.number - a.life.number).slice(0, MOST_LIVES);
  let bytes = 0;
  const count = newest.findIndex((life) => (bytes += lifeText(life).length) > MOST_BYTES);
  return newest.slice(0, count < 0 ? undefined : count).reverse();
}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function momentOf({ timeMs, monotonicMs }: Fields): Moment | undefined {
  return Number.isFinite(timeMs) && Number.isFinite(monotonicMs)
    ? { timeMs: timeMs as number, monotonicMs: monotonicMs as number }
    : undefined;
}

function targetOf({ comm, pid, cgroup }: Fields): LifeTarget | undefined {
  if (typeof comm !== "string") return undefined;
  return { comm, ...(isCount(pid) && { pid }), ...(typeof cgroup === "string" && { cgroup }) };
}

function endOf(fields: Fields): LifeEnd | undefined {
  const moment = momentOf(fields);
  const { how, status, signal, dumpedCore } = fields;
  return moment && {
    ...moment,
    how: LIFE_ENDS.find((kind) => kind === how) ?? "unknown",
    ...(isCount(status) && { status }),
    ...(isCount(signal) && { signal }),
    ...(typeof dumpedCore === "boolean" && { dumpedCore }),
  };
}

/** The life that a text of `lifeText` tells of, also of another version; undefined if a field is missing. */
export function storedLifeOf(text: string): StoredLife | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(fields) || !isFields(fields.life)) return undefined;
  const { run, bootId, life } = fields;
  const target = isFields(life.target) ? targetOf(life.target) : undefined;
  const begin = isFields(life.begin) ? momentOf(life.begin) : undefined;
  const end = isFields(life.end) ? endOf(life.end) : undefined;
  const isThere = isCount(run) && typeof bootId === "string" && isCount(life.number);
  if (!isThere || target === undefined || begin === undefined) return undefined;
  return { run, bootId, life: { number: life.number as number, target, begin, ...(end && { end }) } };
}
