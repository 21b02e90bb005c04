import assert from "node:assert/strict";
import { formatLatency, parseLatency } from "./latency.ts";

Deno.test("parseLatency() reads numbers with units as nanoseconds", () => {
  assert.deepEqual(["1us", "64us", "1.5ms", "0.25s", "60s"].map(parseLatency), [
    1_000,
    64_000,
    1_500_000,
    250_000_000,
    60_000_000_000,
  ]);
});

Deno.test("parseLatency() refuses everything else, and quotes it", () => {
  for (const text of ["", "64", "64 us", "us", "-1ms", "0.5us", "0us", "61s", "1m", "1h", "1e3us", "64US"]) {
    assert.throws(() => parseLatency(text), {
      name: "RangeError",
      message: `expected a latency from 1us to 60s like 64us or 1.5ms (units: us, ms, s), got ${
        JSON.stringify(text)
      }`,
    });
  }
});

Deno.test("formatLatency() writes what parseLatency() reads, in the largest unit", () => {
  for (const text of ["1us", "1.5us", "256us", "1.5ms", "250ms", "1.000001ms", "1.25s", "60s"]) {
    assert.equal(formatLatency(parseLatency(text)), text);
  }
});
