import assert from "node:assert/strict";
import { SCENARIOS, strengthOf } from "./scenarios.ts";

Deno.test("strengthOf() differs in each of ten runs in a row", () => {
  const pairs = Array.from({ length: 10 }, (_, run) => JSON.stringify(strengthOf(run)));
  assert.equal(new Set(pairs).size, 10);
});

Deno.test("every scenario has a reader of the target at the start, and only a quiet one no change", () => {
  for (const { name, expected, baseline, change } of SCENARIOS) {
    const strength = strengthOf(0);
    assert.ok(baseline(strength).some(({ place }) => place === "target"), name);
    assert.equal(
      change(strength).length === 0,
      !expected.workloads.some((workload) => /^W/.test(workload)),
      name,
    );
  }
});
