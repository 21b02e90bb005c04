/** From a Flight Recorder's window to an explanation. @module */
import type { SourceWindow } from "../metrics/mod.ts";
import { type Explanation, explanationOf, nothingToCompare } from "./explanation.ts";
import { readingsOf } from "./reading.ts";
import { DEFAULT_THRESHOLDS, type Thresholds } from "./thresholds.ts";
import { judgeWindow } from "./window.ts";

/**
 * Explains what happened in a window.
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
    return nothingToCompare(`too few collections to be compared: ${readings.length}`);
  }
  return explanationOf(judgement, last, thresholds, last.timeMs);
}
