/** `ktm demo`. @module */
import type { CommandContext } from "./command.ts";

/** Not written yet. */
export function run(_context: CommandContext): Promise<number> {
  throw new Error("not written yet");
}
