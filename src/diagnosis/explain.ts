/** From a Flight Recorder's window to an explanation. @module */
import type { Recording, SourceWindow } from "../metrics/mod.ts";
import { endsOf } from "./ends.ts";
import { type Explanation, explanationOf, nothingToCompare, withEnds } from "./explanation.ts";
import { readingsOf } from "./readings/reading.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./thresholds.ts";
import { judgeWindow } from "./window.ts";

/**
 * Explains a recording: first the ends of the target, then what happened before the newest of them or, if there was
 * none, in the whole period.
 *
 * @param recording what a Flight Recorder gave back
 * @param thresholds the numbers that decide
 */
export function explainRecording(
  recording: Recording,
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): Explanation {
  const ends = endsOf(recording);
  const life = ends.at(-1)?.life;
  if (life === undefined) return explainWindows(recording.windows, thresholds);
  const explain = (isTold: (of: number) => boolean) =>
    explainWindows(recording.windows.filter((window) => isTold(window.life ?? Infinity)), thresholds);
  const explanation = explain((of) => of === life);
  // A life that was too short goes on from those before it.
  const isShort = explanation.workload === "not enough data";
  return withEnds(isShort ? explain((of) => of <= life) : explanation, ends, "before the end");
}

/**
 * Explains what happened in windows; ends of the target are left out.
 *
 * @param windows what a Flight Recorder gave back
 * @param thresholds the numbers that decide
 *
 * @example An empty window
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const { workload, incident } = explainWindows([]);
 * assert.deepEqual([workload, incident], ["not enough data", false]);
 * ```
 */
export function explainWindows(
  windows: readonly SourceWindow[],
  thresholds: Thresholds = DEFAULT_THRESHOLDS,
): Explanation {
  const readings = readingsOf(windows);
  const last = readings.at(-1);
  if (last === undefined) return nothingToCompare("nothing was recorded of read calls");
  const judgement = judgeWindow(readings, thresholds);
  if (judgement === undefined) {
    return nothingToCompare(`${readings.length} collections, of which no two periods of 5 s can be made`);
  }
  return explanationOf(judgement, last, thresholds, last.monotonicMs);
}
