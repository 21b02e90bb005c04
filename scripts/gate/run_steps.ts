/** Tasks one after the other, and how many tests said what. @module */
import { beyond, excuseLines, skipped } from "./bounds.ts";
import { slowest, type Tally, tallyOf } from "./tally.ts";

/** A task. */
export interface Step {
  readonly task: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A task that runs beside the ones before it; what it fetches has to be there when this one begins. */
  readonly ahead?: Ahead;
}

/** A task whose work is done before its step. */
export interface Ahead {
  readonly task: string;
  readonly args: readonly string[];
}

/** What came of a step. */
interface Outcome extends Tally {
  readonly name: string;
  readonly seconds: number;
}

/** Tests that are named as slow. */
const SLOWEST = 10;

const PLAIN = { NO_COLOR: "1" };

function nameOf({ task, args = [] }: Pick<Step, "task" | "args">): string {
  return ["deno task", task, ...args].join(" ");
}

/** Runs a task, shows what it writes and gives that, with whether it ended well. */
async function show(step: Step): Promise<{ readonly output: string; readonly success: boolean }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", step.task, ...step.args ?? []],
    env: { ...PLAIN, ...step.env },
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  const { success } = await child.status;
  return { output, success };
}

/** Starts a task beside others; gives what it wrote when it has ended, an error if it failed. */
function begin({ task, args }: Ahead): Promise<string | Error> {
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", task, ...args],
    env: PLAIN,
    stdin: "null",
  }).output().then(({ success, stdout, stderr }) => {
    const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("").trim();
    return success ? text : new Error(text);
  });
}

async function run(step: Step, ahead: Promise<string | Error> | undefined): Promise<Outcome> {
  const name = nameOf(step);
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  console.log(`\n== ${name}`);
  const fetched = await ahead;
  // The step fetches what is missing itself, and says what is wrong.
  if (fetched instanceof Error) console.log(`${nameOf(step.ahead!)} failed: ${fetched.message}`);
  const { output, success } = await show(step);
  const tally = tallyOf(output);
  return {
    ...tally,
    name,
    seconds: seconds(),
    passed: tally.passed + (success ? 1 : 0),
    failed: tally.failed + (success || tally.failed > 0 ? 0 : 1),
  };
}

function merged(outcomes: readonly Outcome[]): Tally {
  const excused = new Map<string, number>();
  for (const [kind, count] of outcomes.flatMap(({ excused }) => [...excused])) {
    excused.set(kind, (excused.get(kind) ?? 0) + count);
  }
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failed: outcomes.reduce((sum, { failed }) => sum + failed, 0),
    ignored: outcomes.flatMap(({ ignored }) => ignored),
    excused,
    tests: outcomes.flatMap(({ tests }) => tests),
  };
}

function line(seconds: number, name: string): string {
  return `${seconds.toFixed(1).padStart(8)} s  ${name}`;
}

/**
 * Runs tasks and prints what came of them: the slowest tests, the time of each step, what was ignored or excused,
 * and at last the line `N passed, N failed`.
 *
 * @param steps in their order
 * @returns whether all is well
 */
export async function runSteps(steps: readonly Step[]): Promise<boolean> {
  const ahead = steps.map((step) => step.ahead === undefined ? undefined : begin(step.ahead));
  const outcomes: Outcome[] = [];
  for (const [index, step] of steps.entries()) outcomes.push(await run(step, ahead[index]));
  const all = merged(outcomes);
  const faults = [...skipped(all.ignored), ...beyond(all.excused)];
  const [passed, failed] = [all.passed, all.failed + faults.length];
  const retried = all.excused.get("guests run again") ?? 0;
  const lines = [
    "The slowest tests:",
    ...slowest(all.tests, SLOWEST).map(({ seconds, name }) => line(seconds, name)),
    "Steps:",
    ...outcomes.map(({ seconds, name }) => line(seconds, name)),
    line(outcomes.reduce((sum, { seconds }) => sum + seconds, 0), "in all"),
    ...all.ignored.map((name) => `ignored ${name}`),
    ...excuseLines(all.excused),
    ...faults,
    `${passed} passed, ${failed} failed, ${retried} retried, ${all.ignored.length} ignored`,
    `${passed} passed, ${failed} failed`,
  ];
  console.log(`\n${lines.join("\n")}`);
  return failed === 0;
}
