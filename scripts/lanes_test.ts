import assert from "node:assert/strict";
import { hasTests, laneOf } from "./lanes.ts";

Deno.test("laneOf() keeps apart what needs the kernel, looks at its own process, or measures time", () => {
  const cases = {
    'Deno.test(needs(["root", "btf"], "a program is loaded", load));': "machine",
    'Deno.test(needs([...LIVE_KERNEL, "fio"], "run counts", count));': "machine",
    "const before = openDescriptors().size;": "machine",
    'import { judge } from "./judge.ts";': "quiet",
    '// Runs beside others.\nDeno.test(needs([...LIVE_KERNEL], "run answers", ask));': "beside",
    '// Runs beside others.\nDeno.test(needs([...LIVE_KERNEL, "chrt"], "run is in time", ask));': "quiet",
    'Deno.test(needs(["promtool"], "the rules are well formed", check));': "pure",
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, laneOf(text)])), cases);
});

Deno.test("hasTests() finds test files, and sources with examples that are not ignored", () => {
  assert.equal(hasTests({ path: "tests/sidecar/run_test.ts", text: "" }), true);
  assert.equal(hasTests({ path: "src/a.ts", text: "/**\n * ```ts\n * a();\n * ```\n */" }), true);
  assert.equal(hasTests({ path: "src/a.ts", text: "/**\n * ```ts ignore\n * a();\n * ```\n */" }), false);
  assert.equal(hasTests({ path: "src/a.ts", text: "" }), false);
});
