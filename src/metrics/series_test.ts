import assert from "node:assert/strict";
import type { MetricFamily } from "./sample.ts";
import { isOfSeries, seriesOf, valuesOf } from "./series.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };
const SCALAR = { family: READS, labels: { cpu: "0" }, value: 7n };
const HISTOGRAM = {
  family: LATENCY,
  labels: {},
  bounds: [1_000n, 2_000n],
  buckets: [1n, 2n, 3n],
  sum: 9n,
};

Deno.test("seriesOf() and valuesOf() take a histogram apart, bucket by bucket, the sum last", () => {
  assert.deepEqual(seriesOf(HISTOGRAM).map(({ part, upperBound }) => [part, upperBound]), [
    ["bucket", 1_000n],
    ["bucket", 2_000n],
    ["bucket", undefined],
    ["sum", undefined],
  ]);
  assert.deepEqual(valuesOf(HISTOGRAM), [1n, 2n, 3n, 9n]);
});

Deno.test("seriesOf() leaves a counter as it is", () => {
  assert.deepEqual(seriesOf(SCALAR), [{
    family: READS,
    labels: { cpu: "0" },
    part: "value",
    upperBound: undefined,
  }]);
  assert.deepEqual(valuesOf(SCALAR), [7n]);
});

Deno.test("isOfSeries() tells a histogram with other buckets", () => {
  const series = seriesOf(HISTOGRAM);
  assert.ok(isOfSeries({ ...HISTOGRAM, buckets: [0n, 0n, 0n] }, series));
  assert.ok(!isOfSeries({ ...HISTOGRAM, bounds: [1_000n, 3_000n] }, series));
  assert.ok(!isOfSeries({ ...HISTOGRAM, bounds: [1_000n], buckets: [0n, 0n] }, series));
  assert.ok(!isOfSeries(SCALAR, series));
});
