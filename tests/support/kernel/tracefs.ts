/** tracefs, where a machine has not mounted it. @module */
import { mountsOfType } from "../../../src/syscall/mod.ts";
import { output } from "../child.ts";

async function run(...words: readonly [string, ...string[]]): Promise<void> {
  const [program, ...args] = words;
  const { code, stderr } = await output(program, ...args);
  if (code !== 0) throw new Error(`Cannot run ${words.join(" ")}: ${stderr}`);
}

/** Mounts it below a directory unless it is mounted somewhere; disposing it takes that back. */
export async function tracefs(directory: string): Promise<AsyncDisposable> {
  if (mountsOfType("tracefs").length > 0) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  const path = `${directory}/tracing`;
  await Deno.mkdir(path);
  await run("mount", "-t", "tracefs", "tracefs", path);
  return { [Symbol.asyncDispose]: () => run("umount", path) };
}
