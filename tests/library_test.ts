/**
 * The examples of the library, each as a program of its own: the test runner takes the C library that they
 * open for a leak.
 *
 * @module
 */
import assert from "node:assert/strict";
import manifest from "../deno.json" with { type: "json" };
import { output } from "./support/child.ts";
import { compileObject } from "./support/compile.ts";
import { ROOT } from "./support/ktm.ts";
import { needs } from "./support/needs.ts";
import { makeCgroup } from "./support/places.ts";
import { type TemporaryDirectory, temporaryDirectory } from "./support/temp_dir.ts";

/** The code of every example in a module's comments. */
function examplesIn(source: string): string[] {
  return [...source.matchAll(/^ \* ```ts ignore\n((?: \*.*\n)*?) \* ```$/gm)]
    .map(([, code]) => code!.replaceAll(/^ \* ?/gm, ""));
}

/** What the examples import, and where it is. */
const MODULES = { "@ktm/ktm": "src/mod.ts", "@ktm/ktm/agent": "src/agent.ts" } as const;

/** The example with the checkout's modules, and with a cgroup that is there. */
function localized(code: string, cgroup: string): string {
  const modules = Object.entries(MODULES).map(([name, path]) => [name, new URL(path, ROOT).href] as const);
  return [...modules, ["/sys/fs/cgroup/app", cgroup] as const].reduce(
    (code, [name, place]) => code.replaceAll(`"${name}"`, JSON.stringify(place)),
    code,
  );
}

/** The objects that an example reads and that only tests have, compiled into a folder. */
async function withObjects(code: string, folder: TemporaryDirectory): Promise<string> {
  const names = [...code.matchAll(/"(\w+)\.bpf\.o"/g)].map(([, name]) => name!);
  for (const name of names) await Deno.writeFile(folder.file(`${name}.bpf.o`), await compileObject(name));
  return names.reduce(
    (code, name) => code.replaceAll(`"${name}.bpf.o"`, JSON.stringify(folder.file(`${name}.bpf.o`))),
    code,
  );
}

/** What the library's documentation says that it needs: the C library, where it is, and the object. */
const PERMISSIONS = ["--no-prompt", "--allow-read", `--allow-ffi=${manifest.permissions.ktm.ffi.join(",")}`];

for (const [name, path] of Object.entries(MODULES)) {
  Deno.test(needs(["root", "btf", "cgroup2", "clang"], `the examples of ${name} run`, async () => {
    const examples = examplesIn(await Deno.readTextFile(new URL(path, ROOT)));
    assert.ok(examples.length > 0);
    await using directory = await temporaryDirectory();
    await using cgroup = makeCgroup();
    for (const [index, code] of examples.entries()) {
      const file = directory.file(`example_${index}.ts`);
      await Deno.writeTextFile(file, await withObjects(localized(code, cgroup.path), directory));
      const config = new URL("deno.json", ROOT).pathname;
      const { code: status, stderr } = await output(
        Deno.execPath(),
        "run",
        "--check",
        "--config",
        config,
        ...PERMISSIONS,
        file,
      );
      assert.equal(status, 0, stderr);
    }
  }));
}
