import assert from "node:assert/strict";
import { countersIn, decreases } from "./monotony.ts";

const TEXT = `# HELP a_total A.
# TYPE a_total counter
a_total{kind="x"} 3
# TYPE g gauge
g 5
# TYPE h_seconds histogram
h_seconds_bucket{le="1e-06"} 1
h_seconds_bucket{le="+Inf"} 2
h_seconds_sum 0.5
h_seconds_count 2
`;

Deno.test("countersIn() reads counters and all parts of histograms, and no gauge", () => {
  assert.deepEqual([...countersIn(TEXT)], [
    ['a_total{kind="x"}', 3],
    ['h_seconds_bucket{le="1e-06"}', 1],
    ['h_seconds_bucket{le="+Inf"}', 2],
    ["h_seconds_sum", 0.5],
    ["h_seconds_count", 2],
  ]);
});

Deno.test("decreases() tells of counters that are less or absent, and of no other", () => {
  const before = new Map([["a", 3], ["b", 4], ["c", 5]]);
  assert.deepEqual(decreases(before, new Map([["a", 3], ["b", 5], ["c", 5], ["d", 1]])), []);
  assert.deepEqual(decreases(before, new Map([["a", 2], ["b", 4]])), ["a: 3, then 2", "c: 5, then absent"]);
});
