/** What the development options say about attaching. @module */
import { STRATEGIES, type StrategyName } from "../collector/mod.ts";
import { parseObject } from "../elf/mod.ts";
import type { AttachSettings } from "../sidecar/host.ts";
import { keepNeededPrivileges, type PrivilegeNeeds } from "../sidecar/privileges.ts";
import { shown } from "../sidecar/shown.ts";
import { readRegularFile } from "../syscall/mod.ts";
import type { Flags } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

/** Bytes of an object file: the built-in one has a hundredth of it. */
const MOST_OBJECT_BYTES = 16 * 2 ** 20;

function readObject(path: string): Uint8Array {
  try {
    const object = readRegularFile(path, MOST_OBJECT_BYTES);
    parseObject(object);
    return object;
  } catch (error) {
    throw new UsageError(`--object ${path}: ${error instanceof Error ? error.message : error}`);
  }
}

function parseStrategies(text: string): StrategyName[] {
  return text.split(",").map((name) => {
    const known = STRATEGIES.find((strategy) => strategy === name);
    if (known !== undefined) return known;
    throw new UsageError(
      `--strategies: expected some of ${STRATEGIES.join(", ")}, got ${shown(name)}`,
    );
  });
}

/**
 * Reads `--object` and `--strategies`. Every command that attaches attaches with these settings, and gives up what it
 * needs no more when it has.
 *
 * @param flags the command line's
 * @param needs what it needs afterwards, in addition to the agent's needs
 * @throws {UsageError} if the object file cannot be read or used, or a strategy is unknown
 */
export function attachSettings(flags: Flags, needs: PrivilegeNeeds = {}): AttachSettings {
  const [object, strategies] = [flags.text("object"), flags.text("strategies")];
  return {
    ...(object === undefined ? {} : { object: readObject(object) }),
    onStarted: () => keepNeededPrivileges({ config: flags.text("config"), ...needs }),
    ...(strategies === undefined ? {} : { strategies: parseStrategies(strategies) }),
  };
}
