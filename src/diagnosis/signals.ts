/** What may explain latency, each against its own baseline. @module */
import { type FieldName, FIELDS } from "./readings/fields.ts";
import type { Period } from "./readings/periods.ts";
import { amountOf, rateOf, type Totals } from "./readings/totals.ts";
import type { Thresholds } from "./thresholds.ts";

/** Something that is counted and may explain latency. */
export interface Signal {
  readonly field: FieldName;
  /** What stands in for it where it is absent. */
  readonly instead?: FieldName;
  /** What it counts, for people. */
  readonly what: string;
  /** `s` if it counts time. */
  readonly unit?: "s";
}

/** Every signal. */
export const SIGNALS = {
  addedPages: { field: "addedPages", instead: "adds", what: "pages added to the page cache" },
  misses: { field: "misses", what: "reads that missed the page cache" },
  deletes: { field: "deletes", what: "folios that left the page cache" },
  dontneed: { field: "dontneed", instead: "advised", what: "fadvise calls with DONTNEED" },
  scanned: { field: "scanned", what: "pages scanned for reclaim" },
  reclaimed: { field: "reclaimed", what: "pages reclaimed" },
  direct: { field: "direct", what: "entries into direct reclaim" },
  directStall: { field: "directStall", what: "time stalled in direct reclaim", unit: "s" },
  memcg: { field: "memcg", what: "entries into the memory cgroup's reclaim" },
  memcgStall: { field: "memcgStall", what: "time stalled in the memory cgroup's reclaim", unit: "s" },
} as const satisfies Readonly<Record<string, Signal>>;

/** The name of a signal. */
export type SignalName = keyof typeof SIGNALS;

/** The names of the signals. */
export const SIGNAL_NAMES = Object.keys(SIGNALS) as readonly SignalName[];

/** What became of a signal. */
export interface SignalChange {
  readonly name: SignalName;
  /** `none` if there was nothing of it in either period, `unknown` if it was not measured in both. */
  readonly state: "up" | "steady" | "none" | "unknown";
  /** Whether it stayed up to the end of the later period once it was. */
  readonly isLasting: boolean;
  /** In a second: a number, or seconds of time. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** How much there was of it in the later period, in the unit of the counter. */
  readonly amount: number;
  /** The probe that it comes from. */
  readonly probe: string;
}

/** The field that tells of a signal in two periods; its own unless only the other was measured. */
function fieldFor({ field: own, instead }: Signal, before: Totals, after: Totals): FieldName {
  const isKnown = (name: FieldName) =>
    amountOf(before, name) !== undefined && amountOf(after, name) !== undefined;
  return instead !== undefined && !isKnown(own) && isKnown(instead) ? instead : own;
}

const NS_PER_S = 1e9;

function changeOf(name: SignalName, before: Totals, after: Period, { pressure }: Thresholds): SignalChange {
  const signal: Signal = SIGNALS[name];
  const field = fieldFor(signal, before, after.totals);
  const scale = signal.unit === "s" ? NS_PER_S : 1;
  const [was, is] = [rateOf(before, field), rateOf(after.totals, field)];
  const { probe } = FIELDS[field];
  const rest = { name, before: was && was / scale, after: is && is / scale, probe };
  if (was === undefined || is === undefined) {
    return { ...rest, state: "unknown", isLasting: false, amount: 0 };
  }
  const isUp = (rate: number | undefined) => rate !== undefined && rate > 0 && rate >= pressure * was;
  // Once is no habit: it has to be more in all but one of the parts, too.
  const parts = after.pieces.map((piece) => isUp(rateOf(piece, field)));
  const state = isUp(is) && parts.filter((up) => up).length >= parts.length - 1
    ? "up" as const
    : was === 0 && is === 0
    ? "none" as const
    : "steady" as const;
  const isLasting = state === "up" && !parts.slice(parts.indexOf(true)).includes(false);
  return { ...rest, state, isLasting, amount: amountOf(after.totals, field) ?? 0 };
}

/** What became of every signal. */
export type Signals = Readonly<Record<SignalName, SignalChange>>;

/** Compares every signal of two periods. */
export function compareSignals(before: Totals, after: Period, thresholds: Thresholds): Signals {
  const changes = SIGNAL_NAMES.map((name) => [name, changeOf(name, before, after, thresholds)] as const);
  return Object.fromEntries(changes) as unknown as Signals;
}
