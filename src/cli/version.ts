/** `ktm version`. @module */
import manifest from "../../deno.json" with { type: "json" };
import { print } from "./output.ts";

/** Prints the versions of this program and of what it runs on. */
export function run(): number {
  const { os, arch } = Deno.build;
  print(`ktm ${manifest.version} (deno ${Deno.version.deno}, ${os} ${arch})\n`);
  return 0;
}
