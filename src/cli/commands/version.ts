/** `ktm version`. @module */
import { VERSION } from "../../sidecar/version.ts";
import { print } from "../output.ts";

/** Prints the versions of this program and of what it runs on. */
export function run(): number {
  const { os, arch } = Deno.build;
  print(`ktm ${VERSION} (deno ${Deno.version.deno}, ${os} ${arch})\n`);
  return 0;
}
