/** The program in one file: a bundle that runs, and the graph that `deno compile` embeds. */
// Runs beside others.
import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { bundle, bundled, deno } from "../support/bundle.ts";
import { Child } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

Deno.test(needs(LIVE_KERNEL, "the bundled program runs the demo, away from the checkout", async () => {
  await using directory = await temporaryDirectory();
  const path = await bundle(directory.path);
  const args = bundled(path, "demo", "--duration", "300ms");
  await using child = new Child(Deno.execPath(), { args, cwd: directory.path });
  const { code, stdout, stderr } = await child.outcome();
  assert.match(stdout, /^All \d+ counts agree\.$/m, stdout + stderr);
  assert.equal(code, 0);
}));

function contains(bytes: Uint8Array, part: Uint8Array): boolean {
  const first = part[0]!;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (part.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

Deno.test("deno compile type-checks and embeds the programs and the engine", async () => {
  await using directory = await temporaryDirectory();
  const path = directory.file("ktm");
  const [, ...words] = manifest.tasks.compile.command.split(" ");
  const args = words.with(words.indexOf("-o") + 1, path);
  // The base binary cannot be had offline: deno itself stands in for it. The graph is what is looked at.
  await deno(args, { DENORT_BIN: Deno.execPath() });
  const { size } = await Deno.stat(Deno.execPath());
  const embedded = (await Deno.readFile(path)).subarray(size);
  for (const name of ["bpf/iomonitor.bpf.o", "src/elf/core.wasm"]) {
    assert.ok(contains(embedded, await Deno.readFile(new URL(name, ROOT))), name);
  }
});
