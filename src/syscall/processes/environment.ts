/** The environment that this process was started with, for which Deno wants a permission. @module */
import { readFile } from "../files/file.ts";

/** A variable as it was at the start; undefined if it was not set. */
export function environmentVariable(name: string): string | undefined {
  const entries = new TextDecoder().decode(readFile("/proc/self/environ")).split("\0");
  return entries.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
}
