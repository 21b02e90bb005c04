import assert from "node:assert/strict";
import { parseTimeOffsets, shiftsStartTimes, startTicks } from "./time_namespace.ts";

Deno.test("parseTimeOffsets() reads seconds and nanoseconds of each clock, also negative ones", () => {
  // As printed by proc_timens_show_offsets() in kernel/time/namespace.c: "%-10s %10lld %9ld".
  assert.deepEqual(parseTimeOffsets("monotonic           0         0\nboottime      864000 500000000\n"), {
    monotonic: 0n,
    boottime: 864000_500000000n,
  });
  assert.deepEqual(parseTimeOffsets("monotonic         -10         1\nboottime           0         0\n"), {
    monotonic: -9_999999999n,
    boottime: 0n,
  });
});

Deno.test("parseTimeOffsets() takes a clock that is not there for one without an offset", () => {
  assert.deepEqual(parseTimeOffsets(""), { monotonic: 0n, boottime: 0n });
});

Deno.test("startTicks() adds the offset before it rounds down, as the kernel does", () => {
  const offset = (boottime: bigint) => ({ monotonic: 0n, boottime });
  assert.equal(startTicks(19_999_999n, offset(0n)), 1n);
  assert.equal(startTicks(19_999_999n, offset(1n)), 2n);
  assert.equal(startTicks(5_000_000_000n, offset(-2_000_000_000n)), 300n);
});

Deno.test("shiftsStartTimes() is so from 5.11 on", () => {
  const releases = ["4.19.0", "5.10.0-32-cloud-amd64", "5.11.0", "5.11-rc1", "6.1.0", "7.3.4+deb13"];
  assert.deepEqual(releases.filter(shiftsStartTimes), releases.slice(2));
});
