/** What the development options say about attaching. @module */
import { MODULES } from "../../collector/mod.ts";
import { parseObject } from "../../elf/mod.ts";
import { STRATEGIES, type StrategyName } from "../../programs/mod.ts";
import { shown } from "../../sidecar/config/values/shown.ts";
import type { AttachSettings } from "../../sidecar/host.ts";
import { keepNeededPrivileges, type PrivilegeNeeds } from "../../sidecar/privileges.ts";
import { messageOf, readRegularFile } from "../../syscall/mod.ts";
import type { Flags } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

/** Bytes of an object file: the built-in one has a hundredth of it. */
const MOST_OBJECT_BYTES = 16 * 2 ** 20;

/** Modules that have an object file. */
const WITH_PROGRAMS = MODULES.filter(({ programs }) => programs !== undefined).map(({ name }) => name);

/** Reads `MODULE=FILE`: the name of a module, and what it loads. */
function readObject(text: string): [string, Uint8Array] {
  const at = text.indexOf("=");
  const [module, path] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (!WITH_PROGRAMS.includes(module)) {
    const expected = WITH_PROGRAMS.map((name) => `${name}=FILE`).join(", ");
    throw new UsageError(`--object: expected one of ${expected}, got ${shown(text)}`);
  }
  try {
    const object = readRegularFile(path, MOST_OBJECT_BYTES);
    parseObject(object);
    return [module, object];
  } catch (error) {
    throw new UsageError(`--object ${text}: ${messageOf(error)}`);
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
 * @throws {UsageError} if a module is unknown, its object file cannot be read or used, or a strategy is unknown
 */
export function attachSettings(flags: Flags, needs: PrivilegeNeeds = {}): AttachSettings {
  const [objects, strategies] = [flags.text("object")?.split(","), flags.text("strategies")];
  return {
    ...(objects === undefined ? {} : { objects: Object.fromEntries(objects.map(readObject)) }),
    onStarted: () => keepNeededPrivileges({ config: flags.text("config"), ...needs }),
    ...(strategies === undefined ? {} : { strategies: parseStrategies(strategies) }),
  };
}
