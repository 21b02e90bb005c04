import assert from "node:assert/strict";
import { seldom } from "./http_log.ts";

Deno.test("seldom() writes a line once in a while, and then says how many were left out", () => {
  const lines: unknown[] = [];
  let now = 0;
  const write = seldom((message, properties) => lines.push([message, properties]), 1000, () => now);
  for (now = 0; now < 2500; now += 100) write("failed", { now });
  assert.deepEqual(lines, [
    ["failed", { now: 0 }],
    ["failed", { now: 1000, suppressed: 9 }],
    ["failed", { now: 2000, suppressed: 9 }],
  ]);
});
