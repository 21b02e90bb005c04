/** A judgement as a value for people, programs and language models: what JSON shows. @module */
import { boundNs, quantileBucket } from "../metrics/mod.ts";
import type { Workload } from "./causes.ts";
import { type Circumstances, type Confidence, confidenceOf, doubtsOf, missingSignals } from "./confidence.ts";
import type { TargetEnd } from "./ends.ts";
import type { Judgement } from "./judge.ts";
import { countOf, QUANTILE_NAMES, type QuantileName, QUANTILES } from "./latency.ts";
import { type Call, CALLS } from "./readings/fields.ts";
import type { Period } from "./readings/periods.ts";
import { callsOf, secondsOf } from "./readings/totals.ts";
import { type SignalChange, type SignalName, SIGNALS } from "./signals.ts";
import type { Thresholds } from "./thresholds.ts";
import { formatBucket, formatRate, formatShare, formatTime, isoTime } from "./words/units.ts";
import { type Action, type Undecidable, WORDINGS } from "./words/wording.ts";

/** A part of the time that was looked at. */
export interface ComparedPeriod {
  /** ISO 8601, UTC. */
  readonly from: string;
  readonly to: string;
  /** How much of it was observed. */
  readonly seconds: number;
  /** Calls of read and pread that returned. */
  readonly calls: number;
}

/** A quantile of latency in both periods: the upper bound of its bucket, null if there were no calls. */
export interface QuantileChange {
  readonly baselineSeconds: number | null;
  readonly recentSeconds: number | null;
}

/** Latency of one system call, or of both together. */
export interface CallLatency {
  readonly call: Call | "all";
  readonly p50: QuantileChange;
  readonly p95: QuantileChange;
  readonly p99: QuantileChange;
}

/** Calls that took longer than what is usual. */
export interface SlowCalls {
  readonly slowerThanSeconds: number;
  /** The quantile by which it was noticed. */
  readonly quantile: QuantileName;
  readonly baselineShare: number;
  readonly recentShare: number;
  /** How certain it is that the shares differ. */
  readonly standardErrors: number;
}

/** One observation, in words and in numbers. */
export interface Observation {
  readonly signal: SignalName | "latency";
  readonly text: string;
  /** In a second: events, or seconds of stall; null where there is no rate. */
  readonly baselineRate: number | null;
  readonly recentRate: number | null;
}

/** A whole period, the part of it before the newest end of the target, or the time up to now. */
export type About = "period" | "before the end" | "now";

/** What is going on, why one thinks so, and what to do. */
export interface Explanation {
  /** Readers should reject a version that they do not know. */
  readonly version: 2;
  /** The ends of the target in the period, the oldest first. */
  readonly ends: readonly TargetEnd[];
  /** What the rest is about. */
  readonly about: About;
  readonly workload: Workload;
  readonly title: string;
  /** True only if reads have become slower. */
  readonly incident: boolean;
  /** One sentence. */
  readonly summary: string;
  readonly decision: { readonly action: Action; readonly advice: readonly string[] };
  readonly confidence: Confidence;
  /** When reads became slower, and when that ended: null while it lasts, or if they did not. */
  readonly since: string | null;
  readonly until: string | null;
  /** What was compared with what; null if there was too little of either. */
  readonly compared: { readonly baseline: ComparedPeriod; readonly recent: ComparedPeriod } | null;
  readonly latency: readonly CallLatency[];
  readonly slowCalls: SlowCalls | null;
  readonly evidence: readonly Observation[];
  readonly notSeen: readonly Observation[];
  readonly notDecidable: readonly Undecidable[];
}

const MS = 1000;
const NS = 1e9;

/** A moment of the monotonic clock, as the wall clock shows it now: a clock that has been set names all alike. */
type Label = (monotonicMs: number) => string;

function comparedPeriod({ fromMs, toMs, totals }: Period, label: Label): ComparedPeriod {
  const seconds = Number(secondsOf(totals).toFixed(3));
  return { from: label(fromMs), to: label(toMs), seconds, calls: countOf(callsOf(totals)) };
}

/** Buckets of a quantile before and after. */
type BucketPair = readonly [before: number | undefined, after: number | undefined];

function bucketsOf({ before, after }: Judgement, calls: readonly Call[], quantile: QuantileName): BucketPair {
  const bucket = ({ totals }: Period) => quantileBucket(callsOf(totals, calls), 100 * QUANTILES[quantile]);
  return [bucket(before), bucket(after)];
}

const WATCHED: readonly (readonly [CallLatency["call"], readonly Call[]])[] = [
  ["all", CALLS],
  ...CALLS.map((call) => [call, [call]] as const),
];

function latencyOf(judgement: Judgement): CallLatency[] {
  const seconds = (bucket: number | undefined) => bucket === undefined ? null : boundNs(bucket) / NS;
  return WATCHED.map(([call, calls]) => {
    const quantiles = QUANTILE_NAMES.map((name) => {
      const [before, after] = bucketsOf(judgement, calls, name);
      return [name, { baselineSeconds: seconds(before), recentSeconds: seconds(after) }] as const;
    });
    return { call, ...Object.fromEntries(quantiles) as Record<QuantileName, QuantileChange> };
  });
}

/** The system call whose quantile has risen most; both together if neither was there before. */
function worstCall(judgement: Judgement, quantile: QuantileName): readonly [string, BucketPair] {
  const rise = ([before, after]: BucketPair) =>
    before === undefined || after === undefined ? -Infinity : after - before;
  const each = WATCHED.map(([call, calls]) => [call, bucketsOf(judgement, calls, quantile)] as const);
  const [all, ...single] = each;
  const [worst] = single.toSorted(([, one], [, other]) => rise(other) - rise(one));
  const isWorse = judgement.incident && worst !== undefined && rise(worst[1]) >= rise(all![1]);
  return isWorse ? worst : ["all reads", all![1]];
}

/** What became of latency, in words: `p99 of pread went from 64 us to 8.19 ms`. */
function latencyText(judgement: Judgement): string {
  const { tail, state } = judgement.latency;
  const quantile = tail?.quantile ?? "p99";
  const [call, [before, after]] = worstCall(judgement, quantile);
  if (before === undefined || after === undefined) return "there were no reads to compare";
  if (before === after) return `${quantile} of ${call} stayed at ${formatBucket(after)}`;
  const isCounted = state === "rise" || after < before;
  const text = `${quantile} of ${call} went from ${formatBucket(before)} to ${formatBucket(after)}`;
  return isCounted ? text : `${text}, not enough to count or not for long enough`;
}

function tailText({ latency: { tail } }: Judgement): string {
  if (tail === undefined) return "";
  const { slowerThanNs, before, after } = tail;
  return `; calls longer than ${formatTime(slowerThanNs)} went from ${formatShare(before)} to ${
    formatShare(after)
  }`;
}

function observation({ name, before, after, state }: SignalChange): Observation {
  const signal: { readonly what: string; readonly unit?: "s" } = SIGNALS[name];
  const now = formatRate(after, signal.unit);
  const texts: Readonly<Record<SignalChange["state"], string>> = {
    up: `${signal.what} went from ${formatRate(before, signal.unit)} to ${now}`,
    steady: (after ?? 0) > (before ?? 0)
      ? `${signal.what} went from ${formatRate(before, signal.unit)} to ${now}, which is too little to count`
      : `no rise of ${signal.what}: ${now}, before ${formatRate(before, signal.unit)}`,
    none: `no ${signal.what}`,
    unknown: `${signal.what}: not measured`,
  };
  return { signal: name, text: texts[state], baselineRate: before ?? null, recentRate: after ?? null };
}

/** Signals that speak for a workload if they are up, in the order in which they are told. */
const SPEAKS_FOR: Readonly<Record<Workload, readonly SignalName[]>> = {
  "W1": ["addedPages", "misses"],
  "W2": ["addedPages", "scanned", "reclaimed", "direct", "memcg", "directStall", "memcgStall"],
  "W3": ["dontneed", "deletes", "addedPages", "misses"],
  "W4": ["addedPages", "misses"],
  "W5": ["memcg", "memcgStall", "direct", "directStall", "scanned", "reclaimed", "addedPages", "misses"],
  "unexplained": [],
  "no change": [],
  "not enough data": [],
};

function evidenceOf(judgement: Judgement): Observation[] {
  const { workload, signals } = judgement;
  if (workload === "not enough data") return [];
  const text = latencyText(judgement) + tailText(judgement);
  const shown = SPEAKS_FOR[workload].map((name) => signals[name]).filter(({ state }) => state === "up");
  return [{ signal: "latency", text, baselineRate: null, recentRate: null }, ...shown.map(observation)];
}

function notSeenOf({ workload, signals }: Judgement): Observation[] {
  const looked = WORDINGS[workload].looksFor.map((name) => signals[name]);
  return looked.filter(({ state }) => state === "none" || state === "steady").map(observation);
}

/** Workloads that cannot be told, or told apart from others, without a signal. */
const NEEDED_FOR: Readonly<Partial<Record<SignalName, string>>> = {
  addedPages: "W1, and W4 from no known cause",
  deletes: "how much was evicted, for W3",
  dontneed: "W3",
  scanned: "how much was reclaimed, for W2 and W5",
  direct: "W5 by want of memory of the machine",
  memcg: "W5 by the limit of the container",
};

function undecidableOf(judgement: Judgement): Undecidable[] {
  const missing = missingSignals(judgement).map((name) => ({
    what: NEEDED_FOR[name] ?? name,
    why: `${SIGNALS[name].what}: not measured, because the probe ${
      judgement.signals[name].probe
    } is not attached`,
  }));
  return [...missing, ...WORDINGS[judgement.workload].undecidable];
}

function summaryOf(judgement: Judgement, since: string): string {
  const { workload, incident } = judgement;
  if (incident) return `Reads have become slower since ${since}: ${latencyText(judgement)}`;
  if (workload === "not enough data") return WORDINGS[workload].meaning;
  return `Reads have not become slower: ${latencyText(judgement)}`;
}

function slowCallsOf({ latency: { tail } }: Judgement): SlowCalls | null {
  if (tail === undefined) return null;
  return {
    slowerThanSeconds: tail.slowerThanNs / NS,
    quantile: tail.quantile,
    baselineShare: tail.before,
    recentShare: tail.after,
    standardErrors: tail.certainty,
  };
}

/** What is said of a workload whatever the numbers. */
function frameOf(workload: Workload) {
  const { title, action, advice } = WORDINGS[workload];
  return { version: 2, ends: [], about: "period", workload, title, decision: { action, advice } } as const;
}

/** The explanation where there was too little to compare. */
export function nothingToCompare(why: string): Explanation {
  const workload = "not enough data";
  return {
    ...frameOf(workload),
    incident: false,
    summary: `${WORDINGS[workload].meaning.replace(/\.$/, "")}: ${why}`,
    confidence: confidenceOf(workload, [why]),
    since: null,
    until: null,
    compared: null,
    latency: [],
    slowCalls: null,
    evidence: [],
    notSeen: [],
    notDecidable: WORDINGS[workload].undecidable,
  };
}

/**
 * An explanation with the ends of the target that come first. A crash asks for action even if the reads were quiet before it.
 *
 * @param explanation of the reads
 * @param ends the oldest first
 * @param about what the explanation is about
 */
export function withEnds(explanation: Explanation, ends: readonly TargetEnd[], about: About): Explanation {
  const newest = ends.at(-1);
  if (newest === undefined) return { ...explanation, about };
  const { action, advice } = explanation.decision;
  const decision = {
    action: newest.isCrash ? "trigger-fodc" : action,
    advice: newest.advice.length > 0 && action === "none" ? newest.advice : [...newest.advice, ...advice],
  } as const;
  return { ...explanation, ends, about, decision };
}

/**
 * Explains a judgement.
 *
 * @param judgement two periods beside each other
 * @param circumstances what is known next to the counters; its clock names the times
 * @param thresholds those of the judgement
 * @param endMs the end of what was observed: an incident that ended before is over
 * @param sinceMs when reads became slower, if that is not in the later period; both are of the monotonic clock
 */
export function explanationOf(
  judgement: Judgement,
  circumstances: Circumstances,
  thresholds: Thresholds,
  endMs: number,
  sinceMs: number = judgement.onsetMs,
): Explanation {
  const { workload, incident, before, after } = judgement;
  const label: Label = (monotonicMs) => isoTime(monotonicMs + circumstances.wallOffsetMs);
  const since = label(sinceMs);
  return {
    ...frameOf(workload),
    incident,
    summary: summaryOf(judgement, since),
    confidence: confidenceOf(workload, doubtsOf(judgement, circumstances, thresholds)),
    since: incident ? since : null,
    until: incident && after.toMs + MS < endMs ? label(after.toMs) : null,
    compared: { baseline: comparedPeriod(before, label), recent: comparedPeriod(after, label) },
    latency: latencyOf(judgement),
    slowCalls: slowCallsOf(judgement),
    evidence: evidenceOf(judgement),
    notSeen: notSeenOf(judgement),
    notDecidable: undecidableOf(judgement),
  };
}
