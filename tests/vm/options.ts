/** The options of `deno task test:vm`. @module */
import { parseArgs } from "@std/cli/parse-args";
import { type Architecture, ARCHITECTURES } from "./architectures.ts";
import { type Kernel, KERNELS } from "./kernels.ts";

/** How the program is called. */
export const USAGE =
  "deno task test:vm [--kernel 5.10,6.1,6.12,7.3] [--arch amd64,arm64] [--filter NAME] [--keep-log] [--update] [--fetch]";

/** Which guests to run. */
export interface Options {
  readonly kernels: readonly Kernel[];
  readonly architectures: readonly Architecture[];
  /** A part of the names of the tests to run. */
  readonly filter: string;
  /** Whether consoles and outputs are kept. */
  readonly keepLog: boolean;
  /** Whether the table in docs/kernel-support.md is written, not only compared. */
  readonly update: boolean;
  /** Whether kernels are only fetched, for a later run. */
  readonly fetch: boolean;
}

/** Emulating another architecture takes several times as long, so it is asked for. */
const DEFAULT_ARCHITECTURE = "amd64";

function select<Item>(option: string, wanted: string, items: ReadonlyMap<string, Item>): Item[] {
  return wanted.split(",").map((name) => {
    const item = items.get(name);
    if (item !== undefined) return item;
    throw new RangeError(
      `Unknown ${option} ${JSON.stringify(name)}: choose from ${[...items.keys()].join(", ")}`,
    );
  });
}

/**
 * Reads the program's arguments.
 *
 * @param args the arguments
 * @throws {RangeError} if one is unknown
 */
export function parseOptions(args: readonly string[]): Options {
  const kernels = new Map(KERNELS.map((kernel) => [kernel.release, kernel]));
  const architectures = new Map(
    ARCHITECTURES.map((architecture) => [architecture.name as string, architecture]),
  );
  const flags = parseArgs(args, {
    string: ["kernel", "arch", "filter"],
    boolean: ["keep-log", "update", "fetch"],
    default: { kernel: [...kernels.keys()].join(","), arch: DEFAULT_ARCHITECTURE, filter: "" },
    unknown: (argument) => {
      throw new RangeError(`Unknown argument ${JSON.stringify(argument)}: ${USAGE}`);
    },
  });
  return {
    kernels: select("kernel", String(flags["kernel"]), kernels),
    architectures: select("architecture", String(flags["arch"]), architectures),
    filter: String(flags["filter"]),
    keepLog: flags["keep-log"] === true,
    update: flags["update"] === true,
    fetch: flags["fetch"] === true,
  };
}
