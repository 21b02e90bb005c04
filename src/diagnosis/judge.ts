/** Two periods beside each other, and what follows. @module */
import {
  causeOf,
  type Facts,
  factsOf,
  isEvicting,
  isReclaiming,
  pressureOf,
  type Workload,
} from "./causes.ts";
import { compareLatency, countOf, type LatencyChange } from "./latency.ts";
import type { Period } from "./readings/periods.ts";
import { callsOf } from "./readings/totals.ts";
import { compareSignals, type Signals } from "./signals.ts";
import type { Thresholds } from "./thresholds.ts";

/** What two periods say. */
export interface Judgement {
  readonly workload: Workload;
  /** True only if latency has risen. */
  readonly incident: boolean;
  readonly before: Period;
  readonly after: Period;
  readonly latency: LatencyChange;
  readonly signals: Signals;
  /** Another workload that would explain the rise as well. */
  readonly rival: Workload | undefined;
  /** When the later period became what it is. */
  readonly onsetMs: number;
}

function workloadOf(latency: LatencyChange, facts: Facts): Workload {
  switch (latency.state) {
    case "rise":
      return causeOf(facts);
    case "stable":
      return pressureOf(facts);
    default:
      return "not enough data";
  }
}

function rivalOf(workload: Workload, facts: Facts): Workload | undefined {
  if (workload === "W3" && isReclaiming(facts)) return "W5";
  if (workload === "W5" && isEvicting(facts)) return "W3";
  return undefined;
}

/**
 * Compares two periods. Latency goes first: without a rise there is no incident, whatever else happened.
 *
 * @param before what is usual
 * @param after what is to be judged
 * @param thresholds the numbers that decide
 */
export function judge(before: Period, after: Period, thresholds: Thresholds): Judgement {
  const calls = callsOf(after.totals);
  const pieces = () => after.pieces.map((piece) => callsOf(piece));
  const latency = compareLatency(callsOf(before.totals), calls, pieces, thresholds);
  const signals = compareSignals(before.totals, after, thresholds);
  const incident = latency.state === "rise";
  const facts = factsOf(signals, incident ? latency.tail : undefined, countOf(calls), thresholds);
  const workload = workloadOf(latency, facts);
  return {
    workload,
    incident,
    before,
    after,
    latency,
    signals,
    rival: rivalOf(workload, facts),
    onsetMs: after.fromMs,
  };
}
