/** The object file that `--object` names. @module */
import { parseObject } from "../elf/mod.ts";
import { readFile } from "../syscall/mod.ts";
import type { Flags } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Reads and checks the object file, if one is named.
 *
 * @throws {UsageError} if it cannot be read or used
 */
export function readObject(flags: Flags): Uint8Array | undefined {
  const path = flags.text("object");
  if (path === undefined) return undefined;
  try {
    const object = readFile(path);
    parseObject(object);
    return object;
  } catch (error) {
    throw new UsageError(`--object ${path}: ${error instanceof Error ? error.message : error}`);
  }
}
