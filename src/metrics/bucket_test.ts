import assert from "node:assert/strict";
import { boundNs, BUCKET_BOUNDS, bucketOf, BUCKETS, isUnbounded } from "./bucket.ts";

Deno.test("BUCKET_BOUNDS double from a microsecond to 67 seconds", () => {
  assert.equal(BUCKET_BOUNDS[0], 1000n);
  assert.equal(BUCKET_BOUNDS.at(-1), 67_108_864_000n);
  for (const [index, bound] of BUCKET_BOUNDS.slice(1).entries()) {
    assert.equal(bound, 2n * BUCKET_BOUNDS[index]!);
  }
});

Deno.test("bucketOf() and boundNs() give each bound its place, and what has none the last bucket", () => {
  for (const [bucket, bound] of BUCKET_BOUNDS.entries()) {
    assert.equal(bucketOf(bound), bucket);
    assert.equal(BigInt(boundNs(bucket)), bound);
    assert.equal(isUnbounded(bucket), false);
  }
  assert.equal(bucketOf(undefined), BUCKETS - 1);
  assert.equal(isUnbounded(BUCKETS - 1), true);
});

Deno.test("bucketOf() rounds a latency between two bounds up", () => {
  assert.equal(bucketOf(1001n), 1);
  assert.equal(bucketOf(256_000n), 8);
  assert.equal(bucketOf(256_001n), 9);
  assert.equal(bucketOf(1n), 0);
});
