import assert from "node:assert/strict";
import { endMark, takeApart } from "./marks.ts";

/** As printf(1) writes it. */
function mark(index: number, status: number, uptime: number): string {
  return endMark(index, String(status), String(uptime)).replaceAll("\\n", "\n");
}

Deno.test("takeApart() gives each command its output, status and time", () => {
  const output = `one\ntwo${mark(0, 0, 12.5)}${mark(1, 3, 20)}four\n`;
  assert.deepEqual(takeApart(output), {
    ended: [
      { status: 0, output: "one\ntwo", seconds: 12.5 },
      { status: 3, output: "", seconds: 7.5 },
    ],
    rest: "four\n",
  });
});

Deno.test("takeApart() finds no end in output that only looks like one", () => {
  const output = "say @guest 0 0 1\n@guest 0 0\n";
  assert.deepEqual(takeApart(output), { ended: [], rest: output });
});
