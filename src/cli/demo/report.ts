/** The demo's table: what was done next to what was counted. Pure. @module */
import { isHistogram, observationsOf, type SampleSet } from "../../metrics/mod.ts";
import { DEMO_ROWS, type DemoCounts, type DemoRow } from "./counts.ts";

/** What the metric of a row holds; undefined if it is absent. */
function counted({ metric, advice }: DemoRow, sets: readonly SampleSet[]): bigint | undefined {
  const sample = sets.flatMap(({ samples }) => samples).find(({ family, labels }) =>
    family.name === metric && labels["advice"] === advice
  );
  if (sample === undefined) return undefined;
  return isHistogram(sample) ? observationsOf(sample.buckets) : sample.value;
}

/** The comparison, and whether everything agrees. */
export interface DemoReport {
  readonly text: string;
  readonly agrees: boolean;
}

/**
 * Compares what a workload did with what was collected.
 *
 * @param done the workload's own counts
 * @param sets what was collected
 */
export function demoReport(done: DemoCounts, sets: readonly SampleSet[]): DemoReport {
  const rows = DEMO_ROWS.map((row) => {
    const was = BigInt(done[row.count]);
    const is = counted(row, sets);
    return {
      label: row.label,
      was,
      is,
      verdict: is === was ? "ok" : is === undefined ? "absent" : "DIFFERS",
    };
  });
  const wrong = rows.filter(({ verdict }) => verdict !== "ok").length;
  const lines = [
    ["", "the workload did", "the kernel counted", ""],
    ...rows.map(({ label, was, is, verdict }) => [label, String(was), String(is ?? "-"), verdict]),
  ].map(([label = "", was = "", is = "", verdict = ""]) =>
    `${label.padEnd(32)}${was.padStart(18)}${is.padStart(20)}  ${verdict}`.trimEnd()
  );
  const summary = wrong === 0
    ? `All ${rows.length} counts agree.`
    : `${wrong} of ${rows.length} counts differ.`;
  return { text: `${lines.join("\n")}\n\n${summary}\n`, agrees: wrong === 0 };
}
