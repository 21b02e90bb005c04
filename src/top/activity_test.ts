import assert from "node:assert/strict";
import { activityBetween } from "./activity.ts";
import { histogram, scalar, snapshotOf } from "./testing_view.ts";

const MISSES = "ktm_cache_misses_total";
const ADVICE = "ktm_fadvise_advice_total";

Deno.test("activityBetween() divides what was added by the time between", () => {
  const { rates, calls } = activityBetween(
    snapshotOf(
      1000,
      scalar(MISSES, 10n),
      histogram("ktm_sys_read_latency_seconds", [1n, 1n]),
      scalar("ktm_sys_read_bytes_total", 0n),
    ),
    snapshotOf(
      3000,
      scalar(MISSES, 15n),
      histogram("ktm_sys_read_latency_seconds", [4n, 2n]),
      scalar("ktm_sys_read_bytes_total", 8192n),
    ),
  );
  assert.equal(rates.misses, 2.5);
  assert.equal(calls.read.calls, 2);
  assert.equal(calls.read.bytes, 4096);
});

Deno.test("activityBetween() tells values of one metric apart by their label", () => {
  const at = (atMs: number, random: bigint, dontneed: bigint) =>
    snapshotOf(
      atMs,
      scalar(ADVICE, random, ["advice", "random"]),
      scalar(ADVICE, dontneed, ["advice", "dontneed"]),
    );
  const { rates } = activityBetween(at(0, 0n, 5n), at(1000, 3n, 5n));
  assert.equal(rates.random, 3);
  assert.equal(rates.dontneed, 0);
});

Deno.test("activityBetween() knows no rate where a counter is absent at either end or began anew", () => {
  const [none, few, many] = [
    snapshotOf(0),
    snapshotOf(1000, scalar(MISSES, 3n)),
    snapshotOf(2000, scalar(MISSES, 9n)),
  ];
  assert.equal(activityBetween(undefined, few).rates.misses, undefined);
  assert.equal(activityBetween(none, few).rates.misses, undefined);
  assert.equal(activityBetween(few, { ...none, atMs: 2000 }).rates.misses, undefined);
  assert.equal(activityBetween(many, { ...few, atMs: 3000 }).rates.misses, undefined);
});
