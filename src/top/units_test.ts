import assert from "node:assert/strict";
import { formatBound, formatByteRate, formatNumber, formatRate, formatShare, formatTime } from "./units.ts";

Deno.test("formatNumber() has three digits and the unit in which they are not below 1", () => {
  const expected: [number, string][] = [
    [0, "0"],
    [0.25, "0.25"],
    [9.99, "9.99"],
    [9.996, "10"],
    [12.34, "12.3"],
    [99.96, "100"],
    [999.4, "999"],
    [999.6, "1k"],
    [12_345, "12.3k"],
    [999_950, "1M"],
    [7_654_321, "7.65M"],
  ];
  for (const [value, text] of expected) assert.equal(formatNumber(value), text);
});

Deno.test("formatByteRate() counts in powers of 1024", () => {
  assert.equal(formatByteRate(512), "512B/s");
  assert.equal(formatByteRate(1024), "1KiB/s");
  assert.equal(formatByteRate(1.5 * 1024 * 1024), "1.5MiB/s");
});

Deno.test("formatTime() has the unit that suits the size", () => {
  assert.equal(formatTime(1000), "1us");
  assert.equal(formatTime(1_024_000), "1.02ms");
  assert.equal(formatTime(67_108_864_000), "67.1s");
  assert.equal(formatTime(32_768_000, 0), "33ms");
});

Deno.test("formatBound() says of the last bucket that the value is over its bound", () => {
  assert.equal(formatBound({ ns: 2000n, over: false }), "2us");
  assert.equal(formatBound({ ns: 2000n, over: true }), ">2us");
});

Deno.test("formatShare() is in percent, and nothing for a part of nothing", () => {
  assert.equal(formatShare(0.125), "12.5%");
  assert.equal(formatShare(0 / 0), "-");
});

Deno.test("What was not measured is a dash, not 0", () => {
  for (const format of [formatNumber, formatRate, formatByteRate, formatShare, formatBound]) {
    assert.equal(format(undefined), "-");
  }
});
