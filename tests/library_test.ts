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

/** What the examples import, and where it is. */
const MODULES = { "@ktm/ktm": "src/mod.ts", "@ktm/ktm/agent": "src/agent.ts" } as const;

/** The example with the checkout's modules. */
function localized(code: string): string {
  return Object.entries(MODULES).reduce(
    (code, [name, path]) => code.replaceAll(`"${name}"`, JSON.stringify(new URL(path, ROOT).href)),
    code,
  );
}

for (const [name, path] of Object.entries(MODULES)) {
  Deno.test(needs(["root", "btf"], `the examples of ${name} run`, async () => {
    const examples = examplesIn(await Deno.readTextFile(new URL(path, ROOT)));
    assert.ok(examples.length > 0);
    await using directory = await temporaryDirectory();
    for (const [index, code] of examples.entries()) {
      const file = directory.file(`example_${index}.ts`);
      await Deno.writeTextFile(file, localized(code));
      const config = new URL("deno.json", ROOT).pathname;
      const { code: status, stderr } = await output(
        Deno.execPath(),
        "run",
        "--check",
        "--config",
        config,
        "-A",
        file,
      );
      assert.equal(status, 0, stderr);
    }
  }));
}
