import assert from "node:assert/strict";
import type { Round } from "./chaos.ts";
import { problemsIn } from "./problems.ts";

const GOOD: Round = {
  minutes: 1,
  missed: 0,
  scrapes: 60,
  highestKb: 80_000,
  endMs: 300,
  code: 0,
  dropped: 5,
  ends: 3,
  deeds: { garbage: 100, "deaths of the target": 3 },
  errors: [],
};

Deno.test("a round has no problem with an agent that does as it should", () => {
  assert.deepEqual(problemsIn(GOOD), []);
});

const BAD: readonly (readonly [change: Partial<Round>, problem: RegExp])[] = [
  [{ missed: 2 }, /^2 collections are missing$/],
  [{ highestKb: 131_072 }, /^131072 kB were resident$/],
  [{ endMs: 2001 }, /^SIGTERM took 2001 ms$/],
  [{ code: 1 }, /^the agent ended with 1$/],
  [{ ends: 4 }, /^the target ended 4 times/],
  [{ ends: 0, deeds: { garbage: 0 } }, /^no deed: garbage$/],
  [{ errors: ["ERROR no"] }, /^the log says: ERROR no$/],
];

for (const [change, problem] of BAD) {
  Deno.test(`a round has a problem with ${JSON.stringify(change)}`, () => {
    const problems = problemsIn({ ...GOOD, ...change });
    assert.equal(problems.length, 1);
    assert.match(problems[0]!, problem);
  });
}
