import assert from "node:assert/strict";
import { parseOptions } from "./options.ts";

Deno.test("parseOptions() runs every kernel on amd64 unless told otherwise", () => {
  const { kernels, architectures, filter, keepLog, fetch } = parseOptions([]);
  assert.deepEqual(kernels.map(({ release }) => release), ["5.10", "6.1", "6.12", "7.3"]);
  assert.deepEqual(architectures.map(({ name }) => name), ["amd64"]);
  assert.deepEqual([filter, keepLog, fetch], ["", false, false]);
  assert.equal(parseOptions(["--fetch"]).fetch, true);
});

Deno.test("parseOptions() keeps 5.10 apart from 5.1", () => {
  const { kernels, architectures, keepLog } = parseOptions([
    "--kernel=5.10",
    "--arch",
    "arm64,amd64",
    "--keep-log",
  ]);
  assert.deepEqual(kernels.map(({ release }) => release), ["5.10"]);
  assert.deepEqual(architectures.map(({ name }) => name), ["arm64", "amd64"]);
  assert.ok(keepLog);
});

Deno.test("parseOptions() names what it does not know", () => {
  assert.throws(() => parseOptions(["--kernel=5.1"]), /Unknown kernel "5\.1": choose from 5\.10, 6\.1/);
  assert.throws(() => parseOptions(["--keep-logs"]), /Unknown argument "--keep-logs"/);
  assert.throws(() => parseOptions(["6.1"]), /Unknown argument "6\.1"/);
});
