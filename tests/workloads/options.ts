/** The options of `deno task workloads`. @module */
import { parseArgs } from "@std/cli/parse-args";
import { type Kernel, KERNELS } from "../vm/kernels.ts";

/** How the program is called. */
export const USAGE = "deno task workloads [--runs N] [--filter W3] [--kernel 6.12] [--matrix]";

/** What to do. */
export interface Options {
  /** How many runs of each scenario there are to be. */
  readonly runs: number;
  /** A part of the names of the scenarios. */
  readonly filter: string;
  /** The kernel of a virtual machine; this machine's own unless given. */
  readonly kernel: Kernel | undefined;
  /** Whether to print what is said of the runs that are kept, and make none. */
  readonly matrix: boolean;
}

const DEFAULT_RUNS = 10;

/**
 * Reads the program's arguments.
 *
 * @param args the arguments
 * @throws {RangeError} if one is unknown or means nothing
 */
export function parseOptions(args: readonly string[]): Options {
  const flags = parseArgs(args, {
    string: ["runs", "filter", "kernel"],
    boolean: ["matrix"],
    default: { runs: `${DEFAULT_RUNS}`, filter: "" },
    unknown: (argument) => {
      throw new RangeError(`Unknown argument ${JSON.stringify(argument)}: ${USAGE}`);
    },
  });
  const runs = Number(flags["runs"]);
  if (!Number.isSafeInteger(runs) || runs < 1) {
    throw new RangeError(`Cannot make ${JSON.stringify(flags["runs"])} runs: give a positive integer`);
  }
  const kernel = KERNELS.find(({ release }) => release === flags["kernel"]);
  if (flags["kernel"] !== undefined && kernel === undefined) {
    const known = KERNELS.map(({ release }) => release).join(", ");
    throw new RangeError(`Unknown kernel ${JSON.stringify(flags["kernel"])}: choose from ${known}`);
  }
  return { runs, filter: String(flags["filter"]).toLowerCase(), kernel, matrix: flags["matrix"] === true };
}
