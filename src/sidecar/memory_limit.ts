/** How much the history may take. @module */
import { defaultMemoryLimit } from "../recorder/mod.ts";
import { readTextFile } from "../syscall/mod.ts";
import type { Config } from "./config/config.ts";

/** Bytes, as configured or by the memory limit of the agent's cgroup. */
export function memoryLimitOf({ recorder }: Pick<Config, "recorder">): number {
  return recorder.memory_limit ?? defaultMemoryLimit(readTextFile);
}
