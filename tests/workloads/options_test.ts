import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

Deno.test("parseOptions() makes ten runs on the machine's own kernel unless told otherwise", () => {
  assert.deepEqual(parseOptions([]), { runs: 10, filter: "", kernel: undefined, matrix: false });
});

Deno.test("parseOptions() finds a kernel of the matrix, and a workload in any case", () => {
  const { runs, filter, kernel } = parseOptions(["--runs", "2", "--filter", "W3", "--kernel", "6.12"]);
  assert.deepEqual([runs, filter, kernel?.release], [2, "w3", "6.12"]);
});

Deno.test("parseOptions() rejects what it does not know, and no runs", () => {
  const wrong = [["--kernel", "2.6"], ["--runs", "0"], ["--runs", "many"], ["--fast"], ["w3"]];
  for (const args of wrong) assert.throws(() => parseOptions(args), RangeError, args.join(" "));
});
