/**
 * `deno task ok`: everything that has to hold before a change is merged, and how many tests said so.
 *
 * Ends with the plain line `N passed, N failed`.
 *
 * @module
 */

const STEPS = [
  { task: "check" },
  { task: "build", args: ["--check"] },
  { task: "test" },
  // The oldest and the newest kernel; `deno task test:vm` runs them all.
  { task: "test:vm", args: ["--kernel", "5.10,7.3"] },
] as const;

/** `ok | 12 passed (3 steps) | 0 failed | 1 ignored` of `deno test`, and the last line of the guest tests. */
const SUMMARY = /\| (\d+) passed.*?\| (\d+) failed|^(\d+) passed, (\d+) failed$/gm;

interface Outcome {
  readonly success: boolean;
  readonly passed: number;
  readonly failed: number;
}

async function runTask(task: string, args: readonly string[]): Promise<Outcome> {
  console.log(`\n== deno task ${[task, ...args].join(" ")}`);
  const child = new Deno.Command(Deno.execPath(), {
    args: ["task", task, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  const { success } = await child.status;
  const summaries = [...output.matchAll(SUMMARY)];
  const total = (group: number) =>
    summaries.reduce((sum, match) => sum + Number(match[group] ?? match[group + 2] ?? 0), 0);
  const failed = total(2);
  return { success, passed: total(1) + (success ? 1 : 0), failed: failed + (success || failed > 0 ? 0 : 1) };
}

let [passed, failed] = [0, 0];
for (const step of STEPS) {
  const outcome = await runTask(step.task, "args" in step ? step.args : []);
  passed += outcome.passed;
  failed += outcome.failed;
}
console.log(`\n${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
