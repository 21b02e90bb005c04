/** Whether an input did any harm. @module */
import type { Exercise } from "./exercise.ts";
import { measure } from "./meter.ts";

const MOST_MILLISECONDS = 1000;
const MOST_BYTES = 64 << 20;

/** What became of an input. */
export interface Verdict {
  /** How it ended, if it did no harm. */
  readonly ending?: string;
  /** The harm: an error that no one documents, too much time, too much memory. */
  readonly problem?: string;
  readonly milliseconds: number;
  readonly bytes: number;
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${error}`;
  const frames = error.stack?.split("\n").filter((line) => line.trimStart().startsWith("at ")) ?? [];
  return [`${error.name}: ${error.message}`, ...frames.slice(0, 4)].join("\n");
}

/** Runs an input; errors tell where they come from only if asked, for that takes longer than all the rest. */
function run(exercise: Exercise, bytes: Uint8Array<ArrayBuffer>, stackTraceLimit: number): Verdict {
  Error.stackTraceLimit = stackTraceLimit;
  let ending: string | undefined;
  let problem: string | undefined;
  const cost = measure(() => {
    try {
      ending = exercise(bytes);
    } catch (error) {
      problem = describe(error);
    }
  });
  if (cost.milliseconds > MOST_MILLISECONDS) problem ??= `took ${Math.round(cost.milliseconds)} ms`;
  if (cost.bytes > MOST_BYTES) problem ??= `asked for ${cost.bytes >> 20} MiB`;
  return problem !== undefined ? { problem, ...cost } : { ending: ending!, ...cost };
}

/** Runs an input, a second time if an error has to be described. */
export function judge(exercise: Exercise, bytes: Uint8Array<ArrayBuffer>): Verdict {
  const verdict = run(exercise, bytes, 0);
  return verdict.problem === undefined ? verdict : run(exercise, bytes, 8);
}
