import assert from "node:assert/strict";
import { isRight, matrixTable } from "./matrix.ts";

Deno.test("isRight() wants the workload and whether it is an incident", () => {
  const said = { scenario: "w3-dontneed", run: 0, workload: "W3", incident: true };
  assert.equal(isRight(said), true);
  assert.equal(isRight({ ...said, workload: "W4" }), false);
  assert.equal(isRight({ ...said, incident: false }), false);
  assert.equal(isRight({ ...said, scenario: "w9" }), false);
});

Deno.test("isRight() accepts that nothing can be said where little is read", () => {
  const said = { scenario: "quiet-idle", run: 0, incident: false };
  for (const workload of ["no change", "not enough data"]) assert.equal(isRight({ ...said, workload }), true);
  assert.equal(isRight({ ...said, workload: "W1" }), false);
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
