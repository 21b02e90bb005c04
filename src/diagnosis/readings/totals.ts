/** What happened in a period, as sums that can be added and taken apart again. @module */
import { BUCKETS } from "../../metrics/mod.ts";
import { type Call, CALLS, FIELD_NAMES, type FieldName } from "./fields.ts";
import type { Reading } from "./reading.ts";

/** Numbers side by side; {@linkcode amountOf} and its neighbours know which is which. */
export type Totals = Float64Array<ArrayBuffer>;

/** What a period may have met beside counts. */
export const EVENTS = ["gaps", "resets", "restarts"] as const;

/** Something that a period may have met. */
export type EventName = typeof EVENTS[number];

const FIRST_EVENT = 1;
const FIRST_AMOUNT = FIRST_EVENT + EVENTS.length;
const FIRST_KNOWN = FIRST_AMOUNT + FIELD_NAMES.length;
const FIRST_BUCKET = FIRST_KNOWN + FIELD_NAMES.length;
const LENGTH = FIRST_BUCKET + CALLS.length * BUCKETS;

/** Nothing in no time. */
export function noTotals(): Totals {
  return new Float64Array(LENGTH);
}

/** Adds to totals, or with a factor of -1 takes away from them. */
export function addTo(sum: Totals, one: Totals, factor: 1 | -1 = 1): void {
  for (let index = 0; index < sum.length; index++) sum[index]! += factor * one[index]!;
}

/** The totals of what lies between two sums. */
export function between(before: Totals, after: Totals): Totals {
  const totals = after.slice();
  addTo(totals, before, -1);
  return totals;
}

/** Seconds that were observed. */
export function secondsOf(totals: Totals): number {
  return totals[0]!;
}

/** How often something was met. */
export function eventsOf(totals: Totals, event: EventName): number {
  return totals[FIRST_EVENT + EVENTS.indexOf(event)]!;
}

/** Less of a period than this says nothing of the whole. */
const LEAST_KNOWN = 0.5;

/** How much a counter grew while it was measured; undefined if it was not for half of the time. */
export function amountOf(totals: Totals, name: FieldName): number | undefined {
  const index = FIELD_NAMES.indexOf(name);
  const isKnown = totals[FIRST_KNOWN + index]! > LEAST_KNOWN * secondsOf(totals);
  return isKnown ? totals[FIRST_AMOUNT + index] : undefined;
}

/** By how much a counter grew in a second; undefined if that is not known. */
export function rateOf(totals: Totals, name: FieldName): number | undefined {
  const amount = amountOf(totals, name);
  return amount && amount / totals[FIRST_KNOWN + FIELD_NAMES.indexOf(name)]!;
}

/** Calls in each bucket, of some system calls together. */
export function callsOf(totals: Totals, calls: readonly Call[] = CALLS): Float64Array {
  const sum = new Float64Array(BUCKETS);
  for (const call of calls) {
    const first = FIRST_BUCKET + CALLS.indexOf(call) * BUCKETS;
    for (let bucket = 0; bucket < BUCKETS; bucket++) sum[bucket]! += totals[first + bucket]!;
  }
  return sum;
}

/** Reads that are so many fewer than before have stopped. */
export const STOPPED_SHARE = 0.1;

/** Calls in a second of two periods. */
export function callRates(
  before: Totals,
  after: Totals,
): { readonly before: number; readonly after: number } {
  const rate = (totals: Totals) => callsOf(totals).reduce((sum, count) => sum + count, 0) / secondsOf(totals);
  return { before: rate(before), after: rate(after) };
}

/** What happened between two readings, the first and the last moment included, both of the monotonic clock. */
export interface Step {
  readonly fromMs: number;
  readonly toMs: number;
  readonly totals: Totals;
}

const MS = 1000;

/** Nothing but an event in no time: what was counted is not known. */
function eventStep(toMs: number, event: EventName): Step {
  const totals = noTotals();
  totals[FIRST_EVENT + EVENTS.indexOf(event)] = 1;
  return { fromMs: toMs, toMs, totals };
}

/** Whether two names are known and differ. */
export function isOther(before: string | undefined, after: string | undefined): boolean {
  return before !== undefined && after !== undefined && before !== after;
}

/**
 * What happened between two readings.
 *
 * Where a counter went back, or another container is watched, counting has started from zero, and no counter says
 * what happened; where no time has passed, none says in what time.
 *
 * @param before the earlier one
 * @param after the later one
 * @param gaps readings between them that were missing
 */
export function stepBetween(before: Reading, after: Reading, gaps = 0): Step {
  const seconds = (after.monotonicMs - before.monotonicMs) / MS;
  if (!(seconds > 0)) return eventStep(after.monotonicMs, "gaps");
  if (isOther(before.cgroup, after.cgroup)) return eventStep(after.monotonicMs, "resets");
  const totals = noTotals();
  totals[0] = seconds;
  totals[FIRST_EVENT + EVENTS.indexOf("gaps")] = gaps;
  if (isOther(before.pid, after.pid)) totals[FIRST_EVENT + EVENTS.indexOf("restarts")] = 1;
  for (let index = 0; index < FIELD_NAMES.length; index++) {
    const [was, is] = [before.fields[index], after.fields[index]];
    if (was === undefined || is === undefined) continue;
    if (is < was) return eventStep(after.monotonicMs, "resets");
    totals[FIRST_AMOUNT + index] = Number(is - was);
    totals[FIRST_KNOWN + index] = seconds;
  }
  for (const [index, call] of CALLS.entries()) {
    const [was, is] = [before.calls[call], after.calls[call]];
    if (was === undefined || is === undefined) continue;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const [less, more] = [was[bucket] ?? 0n, is[bucket] ?? 0n];
      if (more < less) return eventStep(after.monotonicMs, "resets");
      totals[FIRST_BUCKET + index * BUCKETS + bucket] = Number(more - less);
    }
  }
  return { fromMs: before.monotonicMs, toMs: after.monotonicMs, totals };
}
