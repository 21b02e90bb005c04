/** `ktm demo-workload`. @module */
import type { CommandLine } from "./command.ts";

/** Not written yet. */
export function run(_context: CommandLine): Promise<number> {
  throw new Error("not written yet");
}
