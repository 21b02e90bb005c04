/** From signals to a workload: one table, read from the top. @module */
import type { Tail } from "./latency.ts";
import type { Signals } from "./signals.ts";
import type { Thresholds } from "./thresholds.ts";

/** What a period is an example of; `unexplained` is a rise of latency with nothing beside it. */
export type Workload = "W1" | "W2" | "W3" | "W4" | "W5" | "unexplained" | "no change" | "not enough data";

/** What the table looks at. */
export interface Facts {
  readonly signals: Signals;
  /** What a signal is measured by: slow calls of a rise, or else all of them. */
  readonly least: number;
}

/** A row of the table. */
interface Row {
  readonly workload: Workload;
  readonly holds: (facts: Facts) => boolean;
}

function isUp({ signals, least }: Facts, name: keyof Signals): boolean {
  return signals[name].state === "up" && signals[name].amount >= least;
}

/** Whether memory was short: somebody of the target had to reclaim. */
export function isReclaiming(facts: Facts): boolean {
  const { signals } = facts;
  const entered = ["direct", "memcg"] as const;
  if (signals.scanned.state === "unknown") return entered.some((name) => isUp(facts, name));
  return isUp(facts, "scanned") &&
    entered.some((name) => signals[name].state === "unknown" || signals[name].amount > 0);
}

/** Folios that left the page cache and were not reclaimed: dropped on request. */
function dropped({ signals: { deletes, reclaimed } }: Facts): number {
  return deletes.state === "unknown" ? Infinity : deletes.amount - reclaimed.amount;
}

/** Whether the target had its pages dropped, and read them again. */
export function isEvicting(facts: Facts): boolean {
  const { signals: { dontneed, addedPages }, least } = facts;
  // Once in a while everybody drops a file: a policy does so all the time.
  return dontneed.state === "up" && dontneed.isLasting && dropped(facts) >= least &&
    (addedPages.state === "unknown" || addedPages.amount >= least);
}

/** Whether more was dropped on request than was reclaimed for want of memory. */
function isMostlyDropped(facts: Facts): boolean {
  return dropped(facts) > facts.signals.reclaimed.amount;
}

/** Whether anything was read from disk that may have been waited for. */
function isReading({ signals: { addedPages }, least }: Facts): boolean {
  return addedPages.state === "unknown" || addedPages.amount >= least;
}

/** Where latency has risen. */
const CAUSES: readonly Row[] = [
  { workload: "W3", holds: (facts) => isEvicting(facts) && (!isReclaiming(facts) || isMostlyDropped(facts)) },
  { workload: "W5", holds: isReclaiming },
  { workload: "W4", holds: isReading },
  { workload: "unexplained", holds: () => true },
];

/** Where it has not. */
const PRESSURES: readonly Row[] = [
  {
    workload: "W2",
    holds: (facts) => (["scanned", "direct", "memcg"] as const).some((name) => isUp(facts, name)),
  },
  { workload: "W1", holds: (facts) => isUp(facts, "addedPages") },
  { workload: "no change", holds: () => true },
];

function firstOf(table: readonly Row[], facts: Facts): Workload {
  return table.find(({ holds }) => holds(facts))!.workload;
}

/** What signals are measured by. */
export function factsOf(
  signals: Signals,
  tail: Tail | undefined,
  calls: number,
  { ofSlowCalls, ofCalls }: Thresholds,
): Facts {
  return { signals, least: tail === undefined ? calls * ofCalls : tail.excess * ofSlowCalls };
}

/** Why latency has risen. */
export function causeOf(facts: Facts): Workload {
  return firstOf(CAUSES, facts);
}

/** What goes on where latency has not risen. */
export function pressureOf(facts: Facts): Workload {
  return firstOf(PRESSURES, facts);
}
