import assert from "node:assert/strict";
import { boundOf, observationsOf, quantileBucket } from "./histogram.ts";

Deno.test("quantileBucket() is the bucket in which the share is reached, of numbers and of bigints", () => {
  // Of 100 observations the 50th is in the second bucket, the 51st to 95th in the third, the 99th in the last.
  const buckets = [0, 50, 45, 5];
  const expected: readonly [percent: number, bucket: number][] = [
    [1, 1],
    [50, 1],
    [51, 2],
    [95, 2],
    [96, 3],
    [100, 3],
  ];
  for (const [percent, bucket] of expected) {
    assert.equal(quantileBucket(Float64Array.from(buckets), percent), bucket);
    assert.equal(quantileBucket(buckets.map(BigInt), percent), bucket);
  }
});

Deno.test("quantileBucket() is exact where a share as a fraction would not be", () => {
  // 0.07 * 100 is more than 7.
  assert.equal(quantileBucket([7, 93], 7), 0);
});

Deno.test("quantileBucket() of no observation is undefined", () => {
  assert.equal(quantileBucket([], 50), undefined);
  assert.equal(quantileBucket([0n, 0n], 50), undefined);
});

Deno.test("boundOf() gives the last bucket the bound before it, as a lower one", () => {
  assert.deepEqual(boundOf([1n, 2n], 1), { ns: 2n, over: false });
  assert.deepEqual(boundOf([1n, 2n], 2), { ns: 2n, over: true });
  assert.equal(boundOf([], 0), undefined);
});

Deno.test("observationsOf() is exact beyond what a float can hold", () => {
  assert.equal(observationsOf([2n ** 60n, 1n]), 2n ** 60n + 1n);
});
