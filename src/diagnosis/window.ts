/** Which parts of a window to compare. @module */
import { judge, type Judgement } from "./judge.ts";
import { compareLatency } from "./latency.ts";
import { slotsOf, stepsOf, Timeline } from "./periods.ts";
import type { Reading } from "./reading.ts";
import type { Thresholds } from "./thresholds.ts";
import { amountOf, secondsOf, type Totals } from "./totals.ts";

/** A window is cut into no more slots: the work grows with the square of their number. */
const MOST_SLOTS = 120;

/** A period has at least a slot for each of its parts. */
export const FEWEST_SLOTS = 3;

const MS = 1000;

/** Slots `from` until before `to`, with everything before them as the baseline. */
export interface Split {
  readonly from: number;
  readonly to: number;
}

/** Whether both sides of a split are long enough to say anything. */
function isLongEnough(timeline: Timeline, { from, to }: Split, { shortestMs }: Thresholds): boolean {
  const least = shortestMs / MS;
  return from >= FEWEST_SLOTS && to - from >= FEWEST_SLOTS &&
    timeline.seconds(0, from) >= least && timeline.seconds(from, to) >= least;
}

/** What became of latency in the slots of a split. */
function latencyIn(timeline: Timeline, before: Float64Array, { from, to }: Split, thresholds: Thresholds) {
  return compareLatency(before, timeline.calls(from, to), () => timeline.pieces(from, to), thresholds);
}

/**
 * The split with the most certain rise of latency; undefined if there is none.
 *
 * @param timeline where to look
 * @param thresholds the numbers that decide
 * @param earliest the first slot that may be slow
 * @param soonest the first slot at which a rise may be over
 */
export function mostCertainRise(
  timeline: Timeline,
  thresholds: Thresholds,
  earliest = FEWEST_SLOTS,
  soonest = 0,
): Split | undefined {
  let best: Split | undefined;
  let certainty = 0;
  for (let from = Math.max(earliest, FEWEST_SLOTS); from < timeline.length; from++) {
    const before = timeline.calls(0, from);
    for (let to = Math.max(soonest, from + FEWEST_SLOTS); to <= timeline.length; to++) {
      if (!isLongEnough(timeline, { from, to }, thresholds)) continue;
      const { state, tail } = latencyIn(timeline, before, { from, to }, thresholds);
      if (state !== "rise" || tail!.certainty <= certainty) continue;
      certainty = tail!.certainty;
      best = { from, to };
    }
  }
  return best;
}

/** The split with all that follows and is slow as well: the most certain part of a rise need not be all of it. */
function extended(timeline: Timeline, { from, to }: Split, thresholds: Thresholds): Split {
  const before = timeline.calls(0, from);
  const isSlow = (end: number) =>
    latencyIn(timeline, before, { from: to, to: end }, thresholds).tail !== undefined;
  for (let end = timeline.length; end >= to + FEWEST_SLOTS; end--) if (isSlow(end)) return { from, to: end };
  return { from, to };
}

/** What tells when the pressure on the page cache changed. */
const PRESSURES = ["addedPages", "scanned"] as const;

/** Each pressure until the end of a period as a share of what there is in all, added up. */
function pressureShare(totals: Totals, all: Totals): number {
  return PRESSURES.reduce((sum, name) => {
    const whole = amountOf(all, name) ?? 0;
    return sum + (whole > 0 ? (amountOf(totals, name) ?? 0) / whole : 0);
  }, 0);
}

/**
 * The split at which pressure has risen most: where the sum so far lags most behind a steady growth (a CUSUM
 * change point). Half of the window if it never did.
 */
export function pressureChange(timeline: Timeline, thresholds: Thresholds): Split | undefined {
  const to = timeline.length;
  const all = timeline.totals(0, to);
  const whole = pressureShare(all, all);
  const lag = (from: number): number => {
    const totals = timeline.totals(0, from);
    return whole * timeline.seconds(0, from) / secondsOf(all) - pressureShare(totals, all);
  };
  const half = Math.floor(to / 2);
  const splits = Array.from({ length: to }, (_, from) => ({ from, to }))
    .filter((split) => isLongEnough(timeline, split, thresholds));
  return splits.reduce<Split | undefined>((best, split) => {
    if (best === undefined) return split;
    const [one, other] = [lag(best.from), lag(split.from)];
    if (other !== one) return other > one ? split : best;
    return Math.abs(split.from - half) < Math.abs(best.from - half) ? split : best;
  }, undefined);
}

/**
 * Finds what a window is about: the most certain rise of latency in it, or else the rise of pressure. The
 * baseline is all that lies before.
 *
 * @param readings in the order of recording
 * @param thresholds the numbers that decide
 * @returns undefined if the window is too short for two periods
 */
export function judgeWindow(readings: readonly Reading[], thresholds: Thresholds): Judgement | undefined {
  const timeline = new Timeline(slotsOf(stepsOf(readings), MOST_SLOTS));
  const rise = mostCertainRise(timeline, thresholds);
  const split = rise === undefined
    ? pressureChange(timeline, thresholds)
    : extended(timeline, rise, thresholds);
  return split && judgeSplit(timeline, split, thresholds);
}

/** Slots before a rise that are no baseline, and the share of the baseline that may be given up for that. */
const GUARD_SLOTS = 3;
const GUARD_SHARE = 1 / 4;

/**
 * Compares what a split has on both sides. Causes go before effects, and the most certain beginning need not be
 * the first: the slots right before it belong to neither side.
 */
export function judgeSplit(timeline: Timeline, { from, to }: Split, thresholds: Thresholds): Judgement {
  const usual = from - Math.min(GUARD_SLOTS, Math.floor(from * GUARD_SHARE));
  return judge(timeline.period(0, usual), timeline.period(from, to), thresholds);
}
