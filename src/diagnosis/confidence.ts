/** What lowers the confidence in a judgement. @module */
import type { Workload } from "./causes.ts";
import type { Judgement } from "./judge.ts";
import { countOf } from "./latency.ts";
import { FIELDS } from "./readings/fields.ts";
import type { Reading } from "./readings/reading.ts";
import {
  addTo,
  callRates,
  callsOf,
  EVENTS,
  eventsOf,
  rateOf,
  secondsOf,
  STOPPED_SHARE,
  type Totals,
} from "./readings/totals.ts";
import { type SignalName, SIGNALS } from "./signals.ts";
import type { Thresholds } from "./thresholds.ts";
import { formatNumber, formatRate } from "./words/units.ts";

/** How sure the verdict is. */
export interface Confidence {
  readonly level: "high" | "medium" | "low";
  /** What lowers it. */
  readonly doubts: readonly string[];
}

/** What is known beside the counters. */
export type Circumstances = Pick<Reading, "probes" | "isByName" | "wallOffsetMs">;

/** Signals that decide between the workloads. */
const DECISIVE: readonly SignalName[] = ["addedPages", "deletes", "dontneed", "scanned", "direct", "memcg"];

/** Signals that would have to be known to be sure, and are not. */
export function missingSignals({ signals }: Judgement): readonly SignalName[] {
  return DECISIVE.filter((name) => signals[name].state === "unknown");
}

/** What the timed calls take in all, each from a probe of its own. */
const TIMED = ["readTime", "preadTime"] as const;

/** Fewer standard errors than this many times the least are little more than what was asked for. */
const AMPLE = 1.5;

/** Lost events above this share of the calls may be what is missing. */
const LOST_SHARE = 0.01;

function times(count: number): string {
  return count === 1 ? "once" : `${count} times`;
}

/** What happened to the observation, by the event. */
const EVENT_DOUBTS: Readonly<Record<typeof EVENTS[number], (count: number) => string>> = {
  gaps: (count) => `collections are missing: ${count}`,
  resets: (count) => `counters started anew ${times(count)}`,
  restarts: (count) => `the target became another process ${times(count)}, whose caches were empty`,
};

/** Everything that speaks against a judgement. */
export function doubtsOf(
  judgement: Judgement,
  { probes, isByName }: Circumstances,
  thresholds: Thresholds,
): string[] {
  const { before, after, latency, rival, signals, incident } = judgement;
  const all: Totals = before.totals.slice();
  addTo(all, after.totals);
  const calls = countOf(callsOf(all));
  const lost = (rateOf(all, "lost") ?? 0) * secondsOf(all);
  const timed = TIMED.map((name) => FIELDS[name].probe);
  const used = new Set([...timed, ...DECISIVE.map((name) => signals[name].probe)]);
  const inexact = [...used].filter((probe) => probes.get(probe) === false);
  const untimed = timed.filter((probe) => probes.size > 0 && !probes.has(probe));
  const rates = callRates(before.totals, after.totals);
  const missing = missingSignals(judgement);
  const certainty = latency.tail?.certainty ?? Infinity;
  const doubts: readonly (readonly [boolean, string])[] = [
    [rival !== undefined, `${rival} would explain it as well`],
    [
      incident && certainty < AMPLE * thresholds.certainty,
      `slow calls are few: ${formatNumber(certainty)} standard errors, ${thresholds.certainty} are needed`,
    ],
    [
      !incident && latency.tail !== undefined,
      `reads may have become slower: ${
        formatNumber(certainty)
      } standard errors, ${thresholds.certainty} are needed`,
    ],
    [missing.length > 0, `not measured: ${missing.map((name) => SIGNALS[name].what).join(", ")}`],
    [untimed.length > 0, `calls of one kind are not timed: the probe ${untimed.join(", ")} is not attached`],
    [inexact.length > 0, `only approximations: the probes ${inexact.join(", ")}`],
    ...EVENTS.map((event) => [eventsOf(all, event) > 0, EVENT_DOUBTS[event](eventsOf(all, event))] as const),
    [
      rates.after < rates.before * STOPPED_SHARE,
      `reads have almost stopped: ${formatRate(rates.after)}, before ${
        formatRate(rates.before)
      }; what hangs is not counted`,
    ],
    [lost > LOST_SHARE * calls, `the kernel lost ${formatNumber(lost)} events`],
    [isByName, "only the name tells who is the target: another process may have been counted"],
  ];
  return doubts.filter(([holds]) => holds).map(([, doubt]) => doubt);
}

const LEVELS: readonly Confidence["level"][] = ["high", "medium", "low"];

/** How sure a verdict is, by the number of doubts. */
export function confidenceOf(workload: Workload, doubts: readonly string[]): Confidence {
  const level = workload === "not enough data" ? "low" : LEVELS[Math.min(doubts.length, LEVELS.length - 1)]!;
  return { level, doubts };
}
