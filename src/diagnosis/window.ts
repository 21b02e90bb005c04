/** Which parts of a window to compare. @module */
import type { Workload } from "./causes.ts";
import { judge, type Judgement } from "./judge.ts";
import { compareLatency, countOf, isSlow } from "./latency.ts";
import type { FieldName } from "./readings/fields.ts";
import { slotsOf, stepsOf, Timeline } from "./readings/periods.ts";
import type { Reading } from "./readings/reading.ts";
import { amountOf, callRates, secondsOf, STOPPED_SHARE } from "./readings/totals.ts";
import type { Thresholds } from "./thresholds.ts";

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

/** Whether a split is long enough for a rise of latency, and not only for a hiccup. */
function isLasting(timeline: Timeline, split: Split, thresholds: Thresholds): boolean {
  return isLongEnough(timeline, split, thresholds) &&
    timeline.seconds(split.from, split.to) >= thresholds.lastingMs / MS;
}

/** Time before a rise that is no baseline, and the share of the baseline that may be given up for that. */
const GUARD_SECONDS = 5;
const GUARD_SHARE = 1 / 4;

/**
 * The end of the baseline of a split. Causes go before effects, and the most certain beginning need not be the
 * first: the time right before it, a slot at least, belongs to neither side.
 */
function usualEnd(timeline: Timeline, from: number): number {
  const least = Math.ceil(from * (1 - GUARD_SHARE));
  let end = Math.max(least, from - 1);
  while (end > least && timeline.seconds(end - 1, from) <= GUARD_SECONDS) end--;
  return end;
}

/** What became of latency in the slots of a split. */
function latencyIn(timeline: Timeline, before: Float64Array, { from, to }: Split, thresholds: Thresholds) {
  return compareLatency(before, timeline.calls(from, to), () => timeline.pieces(from, to), thresholds);
}

/** A split by which latency rises, and how certain that is. */
interface Rise extends Split {
  readonly certainty: number;
}

/** The most certain rise that begins with a slot. */
function mostCertainFrom(timeline: Timeline, thresholds: Thresholds, from: number, soonest: number): Rise[] {
  const before = timeline.calls(0, usualEnd(timeline, from));
  let best: Rise | undefined;
  for (let to = Math.max(soonest, from + FEWEST_SLOTS); to <= timeline.length; to++) {
    if (!isLasting(timeline, { from, to }, thresholds)) continue;
    const { state, tail } = latencyIn(timeline, before, { from, to }, thresholds);
    if (state !== "rise" || tail!.certainty <= (best?.certainty ?? 0)) continue;
    best = { from, to, certainty: tail!.certainty };
  }
  return best === undefined ? [] : [best];
}

/** Rises this much less certain than the most certain one may as well be it. */
const NEARLY = 0.9;

/**
 * The split with the most certain rise of latency; of several that are nearly so, the one that begins first, because
 * a baseline that holds the beginning of the causes hides them. Undefined if there is none.
 */
function mostCertainRise(
  timeline: Timeline,
  thresholds: Thresholds,
  earliest: number,
  soonest: number,
): Split | undefined {
  const rises: Rise[] = [];
  for (let from = Math.max(earliest, FEWEST_SLOTS); from < timeline.length; from++) {
    rises.push(...mostCertainFrom(timeline, thresholds, from, soonest));
  }
  const most = rises.reduce((most, { certainty }) => Math.max(most, certainty), 0);
  return rises.find(({ certainty }) => certainty >= NEARLY * most);
}

/**
 * The split with all that lies right before and after it and is slow as well: the most certain part of a rise need
 * not be all of it, and a baseline must not hold the rest.
 */
function extended(timeline: Timeline, { from, to }: Split, thresholds: Thresholds): Split {
  const before = timeline.calls(0, usualEnd(timeline, from));
  const stateOf = (split: Split) => latencyIn(timeline, before, split, thresholds);
  const { tail } = stateOf({ from, to });
  let last = timeline.length;
  const isSlowUntil = (end: number) =>
    stateOf({ from: to, to: end }).tail !== undefined && stateOf({ from, to: end }).state === "rise";
  while (last > to && !isSlowUntil(last)) last--;
  let first = from;
  while (first > FEWEST_SLOTS && isSlow(timeline.calls(first - 1, first), tail!)) first--;
  return isRise(timeline, { from: first, to: last }, thresholds) ? { from: first, to: last } : { from, to };
}

function isRise(timeline: Timeline, split: Split, thresholds: Thresholds): boolean {
  const before = timeline.calls(0, usualEnd(timeline, split.from));
  return isLasting(timeline, split, thresholds) &&
    latencyIn(timeline, before, split, thresholds).state === "rise";
}

/** Where a window is cut to see whether reads have stopped at its end. */
const LAST_PART = 3 / 4;

/** The last part of a window if there were reads before it and hardly any in it: what hangs is not counted. */
function stopOfReads(
  timeline: Timeline,
  long: readonly Split[],
  { fewestCalls }: Thresholds,
): Split | undefined {
  const split = long.find(({ from }) => from >= timeline.length * LAST_PART);
  if (split === undefined) return undefined;
  const { before, after } = callRates(timeline.totals(0, split.from), timeline.totals(split.from, split.to));
  const isStopped = countOf(timeline.calls(0, split.from)) >= fewestCalls &&
    countOf(timeline.calls(split.from, split.to)) < fewestCalls && after < before * STOPPED_SHARE;
  return isStopped ? split : undefined;
}

/** Whether both sides of a split have enough calls to be compared. */
function hasEnoughCalls(timeline: Timeline, { from, to }: Split, { fewestCalls }: Thresholds): boolean {
  return countOf(timeline.calls(0, usualEnd(timeline, from))) >= fewestCalls &&
    countOf(timeline.calls(from, to)) >= fewestCalls;
}

/** Signals of pressure, each of which may have a beginning of its own. */
const PRESSURES = ["addedPages", "scanned", "direct", "memcg"] as const;

/**
 * The split at which a counter began to grow most: where its sum so far lags most behind a steady growth (a CUSUM
 * change point). The middle if it never did.
 */
function changePoint(timeline: Timeline, name: FieldName, splits: readonly Split[]): Split {
  const all = timeline.totals(0, timeline.length);
  const whole = amountOf(all, name) ?? 0;
  const lag = ({ from }: Split): number =>
    whole * timeline.seconds(0, from) / secondsOf(all) - (amountOf(timeline.totals(0, from), name) ?? 0);
  const away = ({ from }: Split): number => Math.abs(2 * from - timeline.length);
  const ranked = splits.map((split) => ({ split, lag: lag(split) }))
    .sort((a, b) => b.lag - a.lag || away(a.split) - away(b.split));
  return ranked[0]!.split;
}

/** The gravest first. */
const GRAVITY: readonly Workload[] = ["W2", "W1"];

/**
 * What became of pressure, where latency has not risen: each of its signals is judged from its own beginning on.
 *
 * @returns the gravest of the judgements; undefined if the time is too short for two periods
 */
export function judgePressure(timeline: Timeline, thresholds: Thresholds): Judgement | undefined {
  const long = Array.from({ length: timeline.length }, (_, from) => ({ from, to: timeline.length }))
    .filter((split) => isLongEnough(timeline, split, thresholds));
  if (long.length === 0) return undefined;
  const stopped = stopOfReads(timeline, long, thresholds);
  if (stopped !== undefined) return judgeSplit(timeline, stopped, thresholds);
  const busy = long.filter((split) => hasEnoughCalls(timeline, split, thresholds));
  const splits = busy.length > 0 ? busy : long;
  const judgements = PRESSURES.map((name) =>
    judgeSplit(timeline, changePoint(timeline, name, splits), thresholds)
  );
  const gravest = GRAVITY.flatMap((workload) => judgements.filter((one) => one.workload === workload));
  return gravest[0] ?? judgements[0];
}

/**
 * The rise of latency that is most certain, all of it; undefined if there is none.
 *
 * @param timeline where to look
 * @param thresholds the numbers that decide
 * @param earliest the first slot that may be slow
 * @param soonest the first slot at which a rise may be over
 */
export function judgeRise(
  timeline: Timeline,
  thresholds: Thresholds,
  earliest = 0,
  soonest = 0,
): Judgement | undefined {
  const rise = mostCertainRise(timeline, thresholds, earliest, soonest);
  return rise && judgeSplit(timeline, extended(timeline, rise, thresholds), thresholds);
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
  return judgeRise(timeline, thresholds) ?? judgePressure(timeline, thresholds);
}

/** Compares what a split has on both sides. */
function judgeSplit(timeline: Timeline, { from, to }: Split, thresholds: Thresholds): Judgement {
  const judgement = judge(
    timeline.period(0, usualEnd(timeline, from)),
    timeline.period(from, to),
    thresholds,
  );
  return { ...judgement, onsetMs: onsetOf(timeline, { from, to }, judgement) };
}

/** The beginning of the first slot that is slow by itself: the parts of a rise may begin before it. */
function onsetOf(timeline: Timeline, { from, to }: Split, { incident, latency, after }: Judgement): number {
  if (!incident) return after.fromMs;
  let slot = from;
  while (slot < to - 1 && !isSlow(timeline.calls(slot, slot + 1), latency.tail!)) slot++;
  return timeline.period(slot, slot + 1).fromMs;
}
