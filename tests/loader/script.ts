/** Programs of this folder that run on an object, as children of a test. @module */
import assert from "node:assert/strict";
import { output } from "../support/child.ts";
import { compileObject } from "../support/compile.ts";
import { ROOT } from "../support/ktm.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

/** How a script is run. */
interface ScriptRun {
  /** A program with its arguments that starts the command line that follows it. */
  readonly wrapper?: readonly string[];
  /** More flags of Deno's. */
  readonly flags?: readonly string[];
}

/** Runs a script of this folder on an object, and gives what it prints. */
export async function runScript(
  object: string,
  script: string,
  args: readonly string[],
  { wrapper = [], flags = [] }: ScriptRun = {},
): Promise<unknown> {
  await using directory = await temporaryDirectory();
  const path = directory.file(`${object}.bpf.o`);
  await Deno.writeFile(path, await compileObject(object));
  const [config, file] = ["deno.json", `tests/loader/${script}`].map((name) => new URL(name, ROOT).pathname);
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--config", config!, "-A", ...flags, file!];
  const [program, ...rest] = [...wrapper, ...deno, path, ...args];
  const { stdout, stderr } = await output(program!, ...rest);
  assert.equal(stderr, "");
  return JSON.parse(stdout);
}
