import assert from "node:assert/strict";
import { ascendingLines, lineBefore, linesWithin, movedLines } from "./line_info.ts";

const LINES = Uint32Array.of(0, 1, 2, 3, 8, 4, 5, 6, 24, 7, 8, 9);

Deno.test("linesWithin() counts offsets from the start of the range and leaves its end out", () => {
  assert.deepEqual([...linesWithin(LINES, 8, 24)], [0, 4, 5, 6]);
  assert.deepEqual([...linesWithin(LINES, 1, 25)], [7, 4, 5, 6, 23, 7, 8, 9]);
  assert.deepEqual([...linesWithin(LINES, 9, 24)], []);
});

Deno.test("movedLines() moves offsets in a copy", () => {
  assert.deepEqual([...movedLines(LINES, 16)], [16, 1, 2, 3, 24, 4, 5, 6, 40, 7, 8, 9]);
  assert.equal(LINES[0], 0);
});

Deno.test("ascendingLines() sorts whole records, those of one instruction in their order", () => {
  const mixed = Uint32Array.of(8, 1, 1, 1, 0, 2, 2, 2, 8, 3, 3, 3);
  assert.deepEqual([...ascendingLines(mixed)], [0, 2, 2, 2, 8, 1, 1, 1, 8, 3, 3, 3]);
  assert.equal(ascendingLines(LINES), LINES);
});

Deno.test("lineBefore() finds the line that an instruction belongs to, also between two records", () => {
  assert.deepEqual([...lineBefore(LINES, 8)], [8, 4, 5, 6]);
  assert.deepEqual([...lineBefore(LINES, 16)], [8, 4, 5, 6]);
  assert.deepEqual([...lineBefore(LINES.subarray(4), 0)], []);
});
