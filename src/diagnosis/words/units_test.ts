import assert from "node:assert/strict";
import { BUCKETS } from "../../metrics/mod.ts";
import { formatBucket, formatRate, formatShare, formatTime } from "./units.ts";

Deno.test("formatTime() takes the largest unit that fits", () => {
  assert.deepEqual([1, 999, 1_000, 64_000, 8_192_000, 67_108_864_000].map(formatTime), [
    "1 ns",
    "999 ns",
    "1 \u00b5s",
    "64 \u00b5s",
    "8.19 ms",
    "67.1 s",
  ]);
});

Deno.test("formatBucket() tells of the last bucket that it has no bound", () => {
  assert.deepEqual([0, 6, BUCKETS - 2, BUCKETS - 1, undefined].map(formatBucket), [
    "1 \u00b5s",
    "64 \u00b5s",
    "67.1 s",
    "more than 67.1 s",
    "nothing",
  ]);
});

Deno.test("formatRate() and formatShare() keep what was not measured apart from zero", () => {
  assert.deepEqual([formatRate(0), formatRate(1234.5), formatRate(undefined)], [
    "0/s",
    "1235/s",
    "not measured",
  ]);
  assert.deepEqual([formatRate(0.125, "s"), formatShare(0.0268)], ["12.5 % of the time", "2.68 %"]);
});
