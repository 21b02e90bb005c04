/** The program in one file, as the container image has it. @module */
import manifest from "../../deno.json" with { type: "json" };
import { Child } from "./child.ts";
import { ROOT } from "./ktm.ts";

/** Runs deno in the checkout. */
export async function deno(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  await using child = new Child(Deno.execPath(), { args: [...args], cwd: ROOT, env });
  const { code, stderr } = await child.outcome();
  if (code !== 0) throw new Error(`Cannot run deno ${args.join(" ")}: ${stderr}`);
}

/** Makes the bundle in a directory, and gives its path. */
export async function bundle(directory: string): Promise<string> {
  const path = `${directory}/ktm.js`;
  await deno(["bundle", "--platform", "deno", "-o", path, "src/main.ts"]);
  return path;
}

/** The command line of a bundle with no more permissions than it needs. */
export function bundled(path: string, ...args: string[]): string[] {
  return [
    "run",
    "--quiet",
    "--no-config",
    "--no-prompt",
    `--allow-ffi=${manifest.permissions.ktm.ffi}`,
    `--allow-net=${manifest.permissions.ktm.net}`,
    path,
    ...args,
  ];
}
