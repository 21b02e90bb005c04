/** The program in one file, for machines that have no checkout. @module */
import manifest from "../../deno.json" with { type: "json" };
import { Child } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";

/** Writes it. */
export async function bundle(path: string): Promise<void> {
  const args = ["bundle", "--quiet", "--platform", "deno", "-o", path, "src/main.ts"];
  await using child = new Child(Deno.execPath(), { args, cwd: ROOT });
  const { code, stderr } = await child.outcome();
  if (code !== 0) throw new Error(`Cannot bundle: ${stderr}`);
}

/** The words before the path of the bundle: the task's flags and permissions. */
export function bundleFlags(): string[] {
  const { ffi, net } = manifest.permissions.ktm;
  const flags = manifest.tasks.ktm.command.split(" ").filter((word) => word.startsWith("--v8-flags"));
  return [
    "run",
    "--quiet",
    "--no-config",
    "--no-prompt",
    ...flags,
    `--allow-ffi=${ffi}`,
    `--allow-net=${net}`,
  ];
}
