import assert from "node:assert/strict";
import { formatBound, formatScaled, formatValue } from "./decimal.ts";

Deno.test("formatValue() writes nanoseconds as seconds with exact digits", () => {
  assert.equal(formatValue(1_234_567_891n, "ns"), "1.234567891");
  assert.equal(formatValue(1n, "ns"), "0.000000001");
  assert.equal(formatValue(1_500_000_000n, "ns"), "1.5");
  assert.equal(formatValue(60_000_000_000n, "ns"), "60");
  assert.equal(formatValue(0n, "ns"), "0");
  assert.equal(formatValue(-1_500_000_000n, "ns"), "-1.5");
});

Deno.test("formatValue() keeps all digits of the largest 64-bit integer", () => {
  assert.equal(formatValue(2n ** 64n - 1n, "1"), "18446744073709551615");
  assert.equal(formatValue(2n ** 64n - 1n, "ns"), "18446744073.709551615");
});

Deno.test("formatScaled() keeps zeros in front of the point", () => {
  assert.equal(formatScaled(1_000n, 0), "1000");
  assert.equal(formatScaled(100_000n, 3), "100");
});

Deno.test("formatBound() writes bounds of nanoseconds as Go's client does", () => {
  const expected: [bigint, string][] = [
    [1_000n, "1e-06"],
    [2_000n, "2e-06"],
    [16_000n, "1.6e-05"],
    [64_000n, "6.4e-05"],
    [128_000n, "0.000128"],
    [1_024_000n, "0.001024"],
    [1_048_576_000n, "1.048576"],
    [67_108_864_000n, "67.108864"],
    [1n, "1e-09"],
    [0n, "0"],
  ];
  for (const [bound, text] of expected) assert.equal(formatBound(bound, "ns"), text);
});

Deno.test("formatBound() writes plain integers as Go's client does", () => {
  const expected: [bigint, string][] = [
    [1n, "1"],
    [10n, "10"],
    [999_999n, "999999"],
    [1_000_000n, "1e+06"],
    [1_048_576n, "1.048576e+06"],
    [10n ** 12n, "1e+12"],
    [-2_000_000n, "-2e+06"],
  ];
  for (const [bound, text] of expected) assert.equal(formatBound(bound, "1"), text);
});

Deno.test("formatBound() names the same number as the bound for every power of two up to 2^26 microseconds", () => {
  for (let power = 0; power <= 26; power++) {
    assert.equal(Number(formatBound(1000n << BigInt(power), "ns")), 2 ** power / 1e6);
  }
});
