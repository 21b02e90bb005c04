import assert from "node:assert/strict";
import type { Figure } from "../metrics/mod.ts";
import { figureOf, moduleLines, type ModuleView } from "./modules.ts";
import { scalar, snapshotOf, viewOf } from "./testing_view.ts";

const CPU: Figure = { label: "cpu", metric: "cpu", show: "rate", unit: "share" };
const FLIGHT: Figure = { label: "in flight", metric: "flight", show: "now", unit: "number" };
const OLDEST: Figure = { label: "oldest", metric: "oldest", show: "most", unit: "time" };

const BEFORE = snapshotOf(0, scalar("cpu", 1_000_000_000n));
const AFTER = snapshotOf(
  2000,
  scalar("cpu", 2_000_000_000n),
  scalar("flight", 2n, ["call", "read"]),
  scalar("flight", 3n, ["call", "pread64"]),
  scalar("oldest", 5n, ["call", "read"]),
  scalar("oldest", 3_000_000_000n, ["call", "pread64"]),
);

function textsOf(...modules: ModuleView[]): string[] {
  return moduleLines(viewOf(BEFORE, AFTER, { modules }))
    .map((line) => line.map(({ text }) => text).join("").trimEnd());
}

Deno.test("moduleLines() shows growth in a second, sums, and the most of several series", () => {
  assert.deepEqual(
    textsOf({ name: "procmonitor", state: "full", reason: "", figures: [CPU, FLIGHT, OLDEST] }),
    [
      "procmonitor cpu 50%  in flight 5  oldest 3s",
    ],
  );
});

Deno.test("moduleLines() has a line of a module in another state, and none of one with nothing to say", () => {
  const quiet = { name: "iomonitor", figures: [] };
  assert.deepEqual(textsOf({ ...quiet, state: "full", reason: "process 7" }), []);
  assert.deepEqual(textsOf({ ...quiet, state: "disabled", reason: "no BTF" }), [
    "iomonitor disabled: no BTF",
  ]);
});

Deno.test("figureOf() says nothing of what was not measured, or began anew", () => {
  assert.equal(figureOf(CPU, undefined, AFTER), undefined);
  assert.equal(figureOf(CPU, AFTER, BEFORE), undefined);
  assert.equal(figureOf(FLIGHT, BEFORE, BEFORE), undefined);
});
