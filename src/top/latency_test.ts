import assert from "node:assert/strict";
import { isHistogram } from "../metrics/mod.ts";
import { latencyBetween, quantile, slowest } from "./latency.ts";
import { histogram } from "./testing_view.ts";

function of(...buckets: bigint[]) {
  const sample = histogram("x", buckets);
  assert(isHistogram(sample));
  return sample;
}

function latencyOf(...buckets: bigint[]) {
  const latency = latencyBetween(of(...buckets.map(() => 0n)), of(...buckets));
  assert(latency);
  return latency;
}

Deno.test("latencyBetween() counts the calls of each bucket since the older snapshot", () => {
  const latency = latencyBetween(of(1n, 2n, 3n), of(1n, 5n, 4n));
  assert.deepEqual(latency, { count: 4n, buckets: [0n, 3n, 1n], bounds: [1000n, 2000n] });
});

Deno.test("latencyBetween() is undefined where a histogram is absent or began anew", () => {
  assert.equal(latencyBetween(undefined, of(1n, 1n)), undefined);
  assert.equal(latencyBetween(of(1n, 1n), undefined), undefined);
  assert.equal(latencyBetween(of(5n, 1n), of(0n, 9n)), undefined);
});

Deno.test("quantile() is the upper bound of the bucket in which the share is reached", () => {
  // Of 100 calls the 50th is in the first bucket, the 51st to 95th in the second, the 99th in the third.
  const latency = latencyOf(50n, 45n, 5n, 0n);
  assert.deepEqual(quantile(latency, 50), { ns: 1000n, over: false });
  assert.deepEqual(quantile(latency, 95), { ns: 2000n, over: false });
  assert.deepEqual(quantile(latency, 99), { ns: 4000n, over: false });
});

Deno.test("quantile() in the last bucket is over the highest bound", () => {
  assert.deepEqual(quantile(latencyOf(0n, 0n, 1n), 50), { ns: 2000n, over: true });
});

Deno.test("slowest() is the bound of the highest bucket with a call", () => {
  assert.deepEqual(slowest(latencyOf(9n, 0n, 1n, 0n)), { ns: 4000n, over: false });
  assert.deepEqual(slowest(latencyOf(9n, 0n, 0n, 1n)), { ns: 4000n, over: true });
});

Deno.test("quantile() and slowest() of no calls are undefined", () => {
  assert.equal(quantile(latencyOf(0n, 0n), 50), undefined);
  assert.equal(slowest(latencyOf(0n, 0n)), undefined);
});
