import assert from "node:assert/strict";
import { slowest, tallyOf } from "./tally.ts";

/** What `deno test` 2.9.5 and the guest tests write. */
const OUTPUT = `running 3 tests from ./tests/a_test.ts
a test that prints ...
------- output -------
excused late collections: 1, of 200
----- output end -----
a test that prints ... ok (1m5s)
a test with steps ...
  a step ... ok (50s)
a test with steps ... ok (2s)
by fentry alone every metric is the truth (this kernel forbids fentry programs) ... ignored (0ms)
./src/b_test.ts => b() gives 2 ... ok (351\u{b5}s)
c() fails ... FAILED (12ms)

FAILED | 3 passed (1 step) | 1 failed | 1 ignored (1m8s)

ok     7.3 amd64 ends (81.5 s)
excused late collections: 2, of 300
2 passed, 1 failed, 1 retried
2 passed, 1 failed
`;

Deno.test("tallyOf() sums up what deno test and the guest tests say, each test once", () => {
  const { passed, failed, ignored, excused } = tallyOf(OUTPUT);
  assert.deepEqual([passed, failed], [5, 2]);
  assert.deepEqual(ignored, [
    "by fentry alone every metric is the truth (this kernel forbids fentry programs)",
  ]);
  assert.deepEqual([...excused], [["late collections", 3]]);
});

Deno.test("tallyOf() knows of tests that are ignored without a line", () => {
  assert.deepEqual(tallyOf("ok | 3 passed | 0 failed | 2 ignored (1s)").ignored, [
    "2 tests or steps without a name",
  ]);
});

Deno.test("slowest() gives the tests that took longest, and no steps", () => {
  assert.deepEqual(slowest(tallyOf(OUTPUT).tests, 3), [
    { name: "7.3 amd64 ends", seconds: 81.5 },
    { name: "a test that prints", seconds: 65 },
    { name: "a test with steps", seconds: 2 },
  ]);
});
