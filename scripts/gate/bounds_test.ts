import assert from "node:assert/strict";
import { EXCUSES } from "../../tests/support/excuses.ts";
import { beyond, excuseLines, skipped } from "./bounds.ts";

Deno.test("skipped() lets pass what the kernel cannot, and nothing else", () => {
  const forbidden = "by fentry alone every metric is the truth (this kernel forbids fentry programs)";
  const missing = "run counts (needs fio: apt-get install fio)";
  assert.deepEqual(skipped([forbidden]), []);
  assert.deepEqual(skipped([forbidden, missing, "a test"]), [
    `skipped, although it could run: ${missing}`,
    "skipped, although it could run: a test",
  ]);
});

Deno.test("beyond() finds what is excused more often than its bound, and excuses that have none", () => {
  const { most } = EXCUSES["late collections"];
  assert.deepEqual(beyond(new Map([["late collections", most]])), []);
  assert.deepEqual(beyond(new Map([["late collections", most + 1], ["bad weather", 1]])), [
    `excused too often: late collections: ${most + 1}, at most ${most}`,
    "excused too often: bad weather: 1, at most 0",
  ]);
});

Deno.test("excuseLines() shows each figure beside its bound", () => {
  assert.deepEqual(excuseLines(new Map([["guests run again", 1]])), [
    `excused 1 of at most ${EXCUSES["guests run again"].most}: guests run again`,
  ]);
});
