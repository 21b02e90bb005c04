/** What a diagnosis says of runs whose workload is known. Pure. @module */
import { SCENARIOS } from "./scenarios.ts";

/** What was said of a run. */
export interface Verdict {
  readonly scenario: string;
  readonly run: number;
  readonly workload: string;
  readonly incident: boolean;
}

/** Whether that is what had to be said. */
export function isRight({ scenario, workload, incident }: Verdict): boolean {
  const expected = SCENARIOS.find(({ name }) => name === scenario)?.expected;
  return expected !== undefined && incident === expected.incident && expected.workloads.includes(workload);
}

/** Thresholds were chosen by what is said of the even ones of the runs 0 to 9, and judged by the odd ones. */
const HALVES = [
  { name: "even runs", isIn: ({ run }: Verdict) => run % 2 === 0 },
  { name: "odd runs", isIn: ({ run }: Verdict) => run % 2 === 1 },
] as const;

function saidOf({ workload, incident }: Verdict): string {
  return incident ? `${workload}, incident` : workload;
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/**
 * Gives the confusion matrix as a table in Markdown: how often what was said of each scenario, and how much of it
 * was right.
 *
 * @param verdicts in any order
 */
export function matrixTable(verdicts: readonly Verdict[]): string {
  const columns = [...new Set(verdicts.map(saidOf))].sort();
  const head = ["scenario", "to be said", ...columns, ...HALVES.map(({ name }) => `right, ${name}`)];
  const own = (name: string) => verdicts.filter(({ scenario }) => scenario === name);
  const rows = SCENARIOS.filter(({ name }) => own(name).length > 0).map(({ name, expected }) => {
    const counts = columns.map((column) => own(name).filter((verdict) => saidOf(verdict) === column).length);
    const right = HALVES.map(({ isIn }) => {
      const half = own(name).filter(isIn);
      return `${half.filter(isRight).length} of ${half.length}`;
    });
    const expectation = expected.workloads.join(" or ") + (expected.incident ? ", incident" : "");
    return [name, expectation, ...counts.map((count) => count === 0 ? "" : `${count}`), ...right];
  });
  return [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
}
