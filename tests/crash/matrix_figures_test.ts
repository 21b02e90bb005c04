import assert from "node:assert/strict";
import type { Row } from "./evidence.ts";
import { matrixRow, rowsBefore } from "./matrix_figures.ts";

function row(timeMs: number): Row {
  return { source: "io", life: undefined, timeMs, monotonicMs: undefined, values: new Map() };
}

Deno.test("rowsBefore() counts the last minute before a death and nothing else", () => {
  const rows = new Map([1, 40_000, 60_001, 100_000, 100_001].map((timeMs) => [`io ${timeMs}`, row(timeMs)]));
  assert.deepEqual(rowsBefore(rows, [], 100_000), { made: 2, left: 2 });
  assert.deepEqual(rowsBefore(rows, ["io 1", "io 60001"], 100_000), { made: 2, left: 1 });
});

Deno.test("a row of the matrix sums rows, and counts tries that are as they should be", () => {
  const tries = [
    { made: 100, left: 100, gap: 0.1, uncounted: 0, told: true },
    { made: 50, left: 20, gap: 3, uncounted: 7, told: true },
    { made: 50, left: 0, gap: undefined, uncounted: 50, told: false },
  ];
  assert.equal(
    matrixRow("all", tries),
    "| all | 3 | 120 of 200 | 3.00 s, at most no row | 1 of 3 | 2 of 3 |",
  );
});

Deno.test("a row of the matrix says so where the target goes on", () => {
  const tries = [{ made: 100, left: 100, gap: 0.1, told: true }];
  assert.equal(
    matrixRow("agent", tries),
    "| agent | 1 | 100 of 100 | 0.10 s, at most 0.10 s | it goes on | 1 of 1 |",
  );
});
