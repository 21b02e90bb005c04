import assert from "node:assert/strict";
import { isRight, matrixTable } from "./matrix.ts";

const W3 = { workloads: ["W3"], incident: true };

Deno.test("isRight() wants the workload and whether it is an incident", () => {
  const said = { scenario: "w3-dontneed", run: 0, workload: "W3", incident: true };
  assert.equal(isRight(W3, said), true);
  assert.equal(isRight(W3, { ...said, workload: "W4" }), false);
  assert.equal(isRight(W3, { ...said, incident: false }), false);
});

Deno.test("isRight() accepts each of several workloads", () => {
  const quiet = { workloads: ["no change", "not enough data"], incident: false };
  const said = { scenario: "quiet-idle", run: 0, incident: false };
  for (const workload of quiet.workloads) assert.equal(isRight(quiet, { ...said, workload }), true);
});

Deno.test("matrixTable() counts what was said, and tells the halves apart", () => {
  const said = (run: number, workload: string, incident: boolean) => ({
    scenario: "w3-dontneed",
    run,
    workload,
    incident,
  });
  const table = matrixTable([
    said(0, "W3", true),
    said(1, "W4", true),
    said(2, "W3", true),
    said(3, "W3", true),
    said(4, "W1", false),
  ]).split("\n");
  assert.equal(
    table[0],
    "| scenario | to be said | W1 | W3, incident | W4, incident | right, even runs | right, odd runs |",
  );
  assert.ok(table.includes("| w3-dontneed | W3, incident | 1 | 3 | 1 | 2 of 3 | 1 of 2 |"));
});
