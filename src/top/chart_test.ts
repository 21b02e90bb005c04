import assert from "node:assert/strict";
import { bars, sparkline } from "./chart.ts";

Deno.test("bars() are as high as their share of the highest, in eighths of a row", () => {
  // Two rows are 16 eighths: 16, 12, 8, 2 and 0 of them.
  assert.deepEqual(bars([8, 6, 4, 1, 0], 2, 1), ["\u2588\u2584   ", "\u2588\u2588\u2588\u2582 "]);
});

Deno.test("bars() show whatever is not 0", () => {
  assert.deepEqual(bars([1_000_000, 1], 1, 1), ["\u2588\u2581"]);
});

Deno.test("bars() can be wider than a column", () => {
  assert.deepEqual(bars([1, 0, 1], 1, 2), ["\u2588\u2588  \u2588\u2588"]);
});

Deno.test("bars() of nothing are empty rows", () => {
  assert.deepEqual(bars([0, 0], 2, 1), ["  ", "  "]);
  assert.deepEqual(bars([], 2, 1), ["", ""]);
});

Deno.test("sparkline() leaves a gap where nothing is known", () => {
  assert.equal(sparkline([8, undefined, 4]), "\u2588 \u2584");
});
