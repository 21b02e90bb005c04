import assert from "node:assert/strict";
import { sumCpus } from "./counters.ts";
import { LATENCY_BOUNDS } from "./metric.ts";

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

Deno.test("LATENCY_BOUNDS are 2^i microseconds for i from 0 to 26", () => {
  assert.equal(LATENCY_BOUNDS.length, 27);
  LATENCY_BOUNDS.forEach((bound, index) => assert.equal(bound, 1000n * 2n ** BigInt(index)));
});
