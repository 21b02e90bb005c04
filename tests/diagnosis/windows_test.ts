/** The diagnosis of workloads on a real kernel, from the windows that are kept of them. */
import assert from "node:assert/strict";
import { explainRecording, type Explanation, Watch } from "../../src/diagnosis/mod.ts";
import { readingsOf } from "../../src/diagnosis/readings/reading.ts";
import { readDump } from "../../src/recorder/mod.ts";
import { isRight } from "../workloads/matrix.ts";
import type { Recording } from "../workloads/recording.ts";
import { SCENARIOS } from "../workloads/scenarios.ts";
import { readKept } from "../workloads/windows.ts";

/** Of ten runs of a scenario so many have to be recognised. */
const RIGHT_SHARE = 0.9;

const RECORDINGS = await readKept();
const EXPECTED = new Map(SCENARIOS.map(({ name, expected }) => [name, expected]));

function explain({ window }: Recording): Explanation {
  return explainRecording(readDump(JSON.stringify(window)));
}

for (const { name, expected } of SCENARIOS) {
  const runs = RECORDINGS.filter(({ scenario }) => scenario === name);
  Deno.test(`the runs of ${name} are taken for ${expected.workloads.join(" or ")}`, () => {
    assert.ok(runs.length >= 10, "too few runs are kept");
    const said = runs.map((recording) => ({ run: recording.run, said: explain(recording) }));
    const wrong = said.filter(({ run, said }) => !isRight({ scenario: name, run, ...said }))
      .map(({ run, said: { workload, summary } }) => `run ${run}: ${workload}, ${summary}`);
    assert.ok(wrong.length <= runs.length * (1 - RIGHT_SHARE), wrong.join("\n"));
    const incidents = said.filter(({ said }) => said.incident && !expected.incident);
    assert.deepEqual(incidents.map(({ run }) => run), [], "an incident where there was none");
  });
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

/** The causes of the incidents that a watch tells of, each with the time since the onset. */
function watch({ window, onsetMs }: Recording): { readonly workload: string; readonly seconds: number }[] {
  const watch = new Watch();
  return readingsOf(readDump(JSON.stringify(window)).windows).flatMap((reading) => {
    const event = watch.add(reading);
    if (event?.kind !== "begins") return [];
    return [{ workload: event.explanation.workload, seconds: (reading.monotonicMs - onsetMs) / 1000 }];
  });
}

Deno.test("a watch tells of each incident once, soon, and of nothing else", () => {
  const wrong = RECORDINGS.filter((recording) => {
    const expected = EXPECTED.get(recording.scenario)!;
    const told = watch(recording);
    if (!expected.incident) return told.length > 0;
    // Three slots of five seconds, and what processes take to start.
    return told.length !== 1 || told[0]!.seconds > 20 || !expected.workloads.includes(told[0]!.workload);
  });
  const quiet = wrong.filter(({ scenario }) => !EXPECTED.get(scenario)!.incident);
  assert.deepEqual(quiet.map(({ scenario, run }) => `${scenario}:${run}`), []);
  const names = wrong.map(({ scenario, run }) => `${scenario}:${run}`).join();
  assert.ok(wrong.length <= RECORDINGS.length * (1 - RIGHT_SHARE), names);
});
