import assert from "node:assert/strict";
import { BUCKET_BOUNDS, isHistogram } from "../metrics/mod.ts";
import { samplerOf, sumCpus } from "./counters.ts";
import { counter } from "./metric.ts";

Deno.test("sumCpus() adds up the slots of all CPUs, also beyond 2^53 and around 2^64", () => {
  const cpus = [[1n, 2n ** 53n + 1n, 2n ** 64n - 1n], [10n, 2n ** 53n, 2n], [100n, 0n, 0n]];
  const value = new Uint8Array(BigUint64Array.from(cpus.flat()).buffer);
  assert.deepEqual([...sumCpus(value, 3)], [111n, 2n ** 54n + 1n, 1n]);
});

Deno.test("sumCpus() carries from the lower half of a counter into the upper, and nowhere else", () => {
  const cpus = Array.from({ length: 128 }, (_, cpu) => [2n ** 32n - 1n, BigInt(cpu) << 40n, 2n ** 63n, 5n]);
  const value = new Uint8Array(BigUint64Array.from(cpus.flat()).buffer);
  assert.deepEqual([...sumCpus(value, 128)], [128n * (2n ** 32n - 1n), (127n * 64n) << 40n, 0n, 640n]);
});

Deno.test("sumCpus() takes one CPU as it is, and does not change what it reads", () => {
  const value = new Uint8Array(BigUint64Array.of(7n, 8n).buffer);
  const totals = sumCpus(value, 1);
  totals[0] = 0n;
  assert.deepEqual([...sumCpus(value, 1)], [7n, 8n]);
});

/** A layout of one structure after the other, and what its slots hold. */
function latencies(...names: string[]) {
  const paths = names.flatMap((name) => [
    ...[...BUCKET_BOUNDS, Infinity].map((_, bucket) => `${name}.buckets[${bucket}]`),
    `${name}.sum_ns`,
    `${name}.bytes`,
  ]);
  const layout = new Map(paths.map((path, slot) => [path, [slot * 8, 8]] as const));
  const totals = BigUint64Array.from({ length: paths.length }, (_, slot) => 1n << BigInt(slot % 60));
  return { layout, totals, of: (path: string) => totals[paths.indexOf(path)]! };
}

Deno.test("samplerOf() adds up what a metric has beside its first counter, and keeps its labels", () => {
  const { layout, totals, of } = latencies("one", "two", "three");
  const family = { name: "ktm_test_seconds", type: "histogram", help: "", unit: "ns" } as const;
  const labels = { call: "any" };
  const tables = {
    latencies: [{ family, labels, counter: "one", and: ["three"], probe: "probe" }],
    counters: [{ ...counter("ktm_test_total", "one.bytes", "probe", ""), and: ["two.bytes", "three.bytes"] }],
  };
  const serving = { strategy: "fentry", programs: [], exact: true } as const;
  const [histogram, scalar] = samplerOf(layout, tables, [{ probe: "probe", serving, failures: [] }])(totals);
  assert.ok(histogram !== undefined && isHistogram(histogram) && histogram.labels === labels);
  assert.equal(histogram.sum, of("one.sum_ns") + of("three.sum_ns"));
  assert.equal(histogram.buckets.length, BUCKET_BOUNDS.length + 1);
  histogram.buckets.forEach((bucket, index) =>
    assert.equal(bucket, of(`one.buckets[${index}]`) + of(`three.buckets[${index}]`))
  );
  assert.ok(scalar !== undefined && !isHistogram(scalar));
  assert.equal(scalar.value, of("one.bytes") + of("two.bytes") + of("three.bytes"));
});
