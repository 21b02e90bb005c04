import assert from "node:assert/strict";
import { formatDuration, parseDuration } from "./duration.ts";

Deno.test("parseDuration() reads every unit, sums and fractions", () => {
  const second = 1000;
  const minute = 60 * second;
  const hour = 60 * minute;
  const cases: [string, number][] = [
    ["1ms", 1],
    ["500ms", second / 2],
    ["10s", 10 * second],
    ["1.5s", second + second / 2],
    ["1m30s", minute + 30 * second],
    ["2h", 2 * hour],
    ["1h1m1s1ms", hour + minute + second + 1],
    ["24h", 24 * hour],
  ];
  for (const [text, milliseconds] of cases) assert.equal(parseDuration(text), milliseconds, text);
});

Deno.test("parseDuration() says what it expects of text that is no duration", () => {
  for (
    const text of ["", "0", "10", "banana", "-5s", "+5s", "10 s", "s", "5s ", "1d", "1e3s", "1.s", "10S"]
  ) {
    assert.throws(() => parseDuration(text), (error) => {
      assert(error instanceof RangeError);
      assert.match(error.message, /^expected a duration like .*10s.* \(units: h, m, s, ms\), got /);
      assert(error.message.endsWith(`got "${text}"`));
      return true;
    }, text);
  }
});

Deno.test("parseDuration() rejects durations below a millisecond and above a day", () => {
  for (const text of ["0s", "0ms", "0.4ms", "24h1ms", "25h", "9".repeat(400) + "h"]) {
    assert.throws(() => parseDuration(text), /^RangeError: expected a duration from 1ms to 24h, got/, text);
  }
});

Deno.test("formatDuration() writes what parseDuration() reads back", () => {
  for (const milliseconds of [1, 999, 1000, 1500, 60_000, 90_000, 3_600_001, 86_400_000]) {
    assert.equal(parseDuration(formatDuration(milliseconds)), milliseconds);
  }
  assert.equal(formatDuration(90_000), "1m30s");
  assert.equal(formatDuration(0), "0s");
});
