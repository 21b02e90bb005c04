import assert from "node:assert/strict";
import type { MetricFamily } from "../metrics/mod.ts";
import { pointsOf } from "./point.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "Level.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

Deno.test("pointsOf() gives a histogram one series for each bucket and one for the sum", () => {
  const points = pointsOf([{
    family: LATENCY,
    labels: {},
    bounds: [1_000n, 2_000n],
    buckets: [1n, 2n, 3n],
    sum: 9n,
  }]);
  assert.deepEqual(points.map(({ series, value }) => [series.part, series.upperBound, value]), [
    ["bucket", 1_000n, 1n],
    ["bucket", 2_000n, 2n],
    ["bucket", undefined, 3n],
    ["sum", undefined, 9n],
  ]);
  assert.equal(new Set(points.map((point) => point.key)).size, 4);
});

Deno.test("pointsOf() gives one key to labels in any order and another to other labels", () => {
  const [key, same, swapped, joined] = pointsOf([
    { family: READS, labels: { a: "1", b: "2" }, value: 0n },
    { family: READS, labels: { b: "2", a: "1" }, value: 0n },
    { family: READS, labels: { a: "2", b: "1" }, value: 0n },
    { family: READS, labels: { a: '1","b","2' }, value: 0n },
  ]).map((point) => point.key);
  assert.equal(key, same);
  assert.notEqual(key, swapped);
  assert.notEqual(key, joined);
});

Deno.test("pointsOf() rejects what does not fit in 64 bits", () => {
  const rejected: [MetricFamily, bigint][] = [[READS, 2n ** 64n], [READS, -1n], [LEVEL, 2n ** 63n]];
  for (const [family, value] of rejected) {
    assert.throws(() => pointsOf([{ family, labels: {}, value }]), {
      name: "RangeError",
      message: `Cannot record ${family.name}: ${value} does not fit in 64 bits`,
    });
  }
});
