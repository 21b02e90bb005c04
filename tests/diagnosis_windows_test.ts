/** The diagnosis of workloads on a real kernel, from the windows that are kept of them. */
import assert from "node:assert/strict";
import { explainWindows, type Explanation } from "../src/diagnosis/mod.ts";
import { readDump } from "../src/recorder/mod.ts";
import type { Recording } from "./workloads/recording.ts";
import { type Expected, SCENARIOS } from "./workloads/scenarios.ts";
import { readKept } from "./workloads/windows.ts";

/** Of ten runs of a scenario so many have to be recognised. */
const RIGHT_SHARE = 0.9;

/** The thresholds were chosen with the even runs in view; the odd ones judge them. */
const HALVES = { even: 0, odd: 1 } as const;

const RECORDINGS = await readKept();

function isRight({ workload, incident }: Explanation, expected: Expected): boolean {
  return expected.workloads.includes(workload) && incident === expected.incident;
}

function explain({ window }: Recording): Explanation {
  return explainWindows(readDump(JSON.stringify(window)));
}

for (const { name, expected } of SCENARIOS) {
  for (const [half, rest] of Object.entries(HALVES)) {
    const runs = RECORDINGS.filter(({ scenario, run }) => scenario === name && run % 2 === rest);
    Deno.test(`the ${half} runs of ${name} are taken for ${expected.workloads.join(" or ")}`, () => {
      assert.ok(runs.length > 0, "no run is kept");
      const wrong = runs.map((recording) => ({ run: recording.run, said: explain(recording) }))
        .filter(({ said }) => !isRight(said, expected))
        .map(({ run, said: { workload, summary } }) => `run ${run}: ${workload}, ${summary}`);
      assert.ok(wrong.length <= runs.length * (1 - RIGHT_SHARE) + 1e-9, wrong.join("\n"));
      if (!expected.incident) {
        const incidents = runs.filter((recording) => explain(recording).incident);
        assert.deepEqual(incidents.map(({ run }) => run), [], "an incident where there was none");
      }
    });
  }
}

Deno.test("an incident on a real kernel begins when it was made to begin", () => {
  const late = RECORDINGS.map((recording) => ({ recording, said: explain(recording) }))
    .filter(({ said }) => said.since !== null)
    .map(({ recording: { scenario, run, onsetMs }, said }) => ({
      run: `${scenario}:${run}`,
      seconds: (Date.parse(said.since!) - onsetMs) / 1000,
    }));
  // Processes take a few seconds to start and to have an effect, and a collection is made each second.
  const wrong = late.filter(({ seconds }) => seconds < -3 || seconds > 10);
  assert.ok(wrong.length <= late.length * (1 - RIGHT_SHARE), JSON.stringify(wrong));
});
