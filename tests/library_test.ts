/**
 * The examples of the library, each as a program of its own: the test runner takes the C library that they
 * open for a leak.
 *
 * @module
 */
import assert from "node:assert/strict";
import { output } from "./support/child.ts";
import { ROOT } from "./support/ktm.ts";
import { needs } from "./support/needs.ts";
import { temporaryDirectory } from "./support/temp_dir.ts";

/** The code of every example in a module's comments. */
function examplesIn(source: string): string[] {
  return [...source.matchAll(/^ \* ```ts ignore\n((?: \*.*\n)*?) \* ```$/gm)]
    .map(([, code]) => code!.replaceAll(/^ \* ?/gm, ""));
}

Deno.test(needs(["root", "btf"], "the library's examples run", async () => {
  const examples = examplesIn(await Deno.readTextFile(new URL("src/mod.ts", ROOT)));
  assert.ok(examples.length > 0);
  await using directory = await temporaryDirectory();
  for (const [index, code] of examples.entries()) {
    const path = directory.file(`example_${index}.ts`);
    await Deno.writeTextFile(
      path,
      code.replaceAll('"@ktm/ktm"', JSON.stringify(new URL("src/mod.ts", ROOT).href)),
    );
    const config = new URL("deno.json", ROOT).pathname;
    const { code: status, stderr } = await output(
      Deno.execPath(),
      "run",
      "--check",
      "--config",
      config,
      "-A",
      path,
    );
    assert.equal(status, 0, stderr);
  }
}));
