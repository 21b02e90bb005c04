import assert from "node:assert/strict";
import { notesIn } from "./notes.ts";

Deno.test("notesIn() finds what was ignored and what was excused", () => {
  const output = "a test ... ok (1ms)\r\nanother (this kernel has no kprobes) ... ignored (0ms)\r\n" +
    "------- output -------\r\nexcused late collections: 1, of 200\r\n----- output end -----\r\n";
  assert.deepEqual(notesIn(output), [
    "another (this kernel has no kprobes) ... ignored (0ms)",
    "excused late collections: 1, of 200",
  ]);
});
