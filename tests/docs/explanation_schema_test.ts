/** `docs/explanation.schema.json` beside what explanations are: complete, and strict. */
import assert from "node:assert/strict";
import { z } from "zod";
import schema from "../../docs/explanation.schema.json" with { type: "json" };
import { explainRecording, explainWindows } from "../../src/diagnosis/explain.ts";
import { SIGNAL_NAMES } from "../../src/diagnosis/signals.ts";
import { repeat, type Second, windowOf } from "../../src/diagnosis/testing_window.ts";
import { WORDINGS } from "../../src/diagnosis/words/wording.ts";
import type { LifeEnd, LifeTarget } from "../../src/metrics/mod.ts";

const parser = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);

const QUIET: Second = { pread: { 1: 300, 2: 190, 3: 10 } };
const SLOW = { 1: 270, 2: 171, 3: 9, 13: 50 };
const READS = { adds: 60, addedPages: 60, misses: 50 };
const RECLAIM = { memcg: 20, scanned: 900, reclaimed: 800, deletes: 800, memcgStall: 5e6 };

/** What comes after thirty quiet seconds, by the workload that it makes. */
const AFTER: Readonly<Record<keyof typeof WORDINGS, Second>> = {
  "W1": { ...QUIET, events: READS },
  "W2": { ...QUIET, events: { ...READS, ...RECLAIM } },
  "W3": { pread: SLOW, events: { ...READS, deletes: 60, dontneed: 4 } },
  "W4": { pread: SLOW, events: READS },
  "W5": { pread: SLOW, events: { ...READS, ...RECLAIM } },
  "unexplained": { pread: SLOW },
  "no change": QUIET,
  "not enough data": {},
};

for (const [workload, after] of Object.entries(AFTER)) {
  Deno.test(`an explanation of ${workload} is as the schema says, when it has been JSON`, () => {
    const window = windowOf([...repeat(30, QUIET), ...repeat(30, after)], { without: ["direct"] });
    const explanation = explainWindows([window]);
    assert.equal(explanation.workload, workload);
    const value: unknown = JSON.parse(JSON.stringify(explanation));
    assert.deepEqual(parser.parse(value), value);
  });
}

Deno.test("an explanation with ends of the target is as the schema says", () => {
  const window = { ...windowOf(repeat(60, QUIET)), life: 1 };
  const [first = 0, last = 0] = [window.monotonicMs[0], window.monotonicMs.at(-1)];
  const life = (number: number, end: LifeEnd, target: LifeTarget) => ({
    number,
    target,
    begin: { timeMs: first, monotonicMs: first },
    end,
  });
  const at = { timeMs: last, monotonicMs: last };
  const explanation = explainRecording({
    lives: [
      life(1, { ...at, how: "exit", status: 3 }, { comm: "banyand" }),
      life(2, { ...at, how: "signal", signal: 11, dumpedCore: true }, {
        comm: "banyand",
        pid: 7,
        cgroup: "/db",
      }),
    ],
    windows: [window],
  });
  assert.equal(explanation.ends.length, 2);
  const value: unknown = JSON.parse(JSON.stringify(explanation));
  assert.deepEqual(parser.parse(value), value);
});

Deno.test("the schema takes the explanation of nothing, and nothing else", () => {
  const value = JSON.parse(JSON.stringify(explainWindows([])));
  assert.deepEqual(parser.parse(value), value);
  for (
    const wrong of [{ ...value, more: 1 }, { ...value, version: 1 }, { ...value, incident: "no" }, {}, null]
  ) {
    assert.equal(parser.safeParse(wrong).success, false, JSON.stringify(wrong));
  }
});

Deno.test("the schema lists every workload, action and signal", () => {
  const { workload, decision } = schema.properties;
  assert.deepEqual(workload.enum, Object.keys(WORDINGS));
  const actions = Object.values(WORDINGS).map(({ action }) => action);
  assert.deepEqual(new Set(decision.properties.action.enum), new Set(actions));
  assert.deepEqual(schema.$defs.observation.properties.signal.enum, ["latency", ...SIGNAL_NAMES]);
});
