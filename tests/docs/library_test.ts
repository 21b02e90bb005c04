/**
 * The examples of the library, each as a program of its own: the test runner takes the C library that they
 * open for a leak.
 *
 * @module
 */
// Runs beside others.
import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { makeCgroup } from "../loader/places.ts";
import { Child, output } from "../support/child.ts";
import { compileObject } from "../support/compile.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temp_dir.ts";

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

/** What a page shows after the name of a file, or as commands. */
function shown(page: string, language: string): string {
  const code = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "ms").exec(page)?.[1];
  assert.ok(code, `the page shows no ${language}`);
  return code;
}

Deno.test(
  needs(["root", "btf", "clang"], "docs/library.md leads from C to numbers in an empty folder", async () => {
    const page = await Deno.readTextFile(new URL("docs/library.md", ROOT));
    await using directory = await temporaryDirectory();
    const checkout = ROOT.pathname.slice(0, -1);
    const files = {
      "deno.json": shown(page, "json").replace("../ktm", checkout),
      "exec.bpf.c": shown(page, "c"),
      "exec.ts": shown(page, "ts"),
    };
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(directory.file(name), text);
    const [compile, run] = shown(page, "sh").trim().split("\n");
    const compiled = await output(
      "sh",
      "-c",
      `cd ${directory.path} && ${compile!.replace("clang", "clang-19")}`,
    );
    assert.equal(compiled.code, 0, compiled.stderr);
    await using child = new Child("sh", { args: ["-c", `exec ${run}`], cwd: directory.path });
    await child.said(/^Watching$/m);
    const before = await output("/bin/true");
    assert.equal(before.code, 0);
    const { code, stdout, stderr } = await child.outcome();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^\{ pid: \d+, comm: "true" \}$/m);
    assert.match(stdout, /^[1-9]\d*n programs have been started$/m);
  }),
);
