/** What a command is. @module */
import type { Config } from "../sidecar/config/config.ts";
import type { Flags } from "./arguments/flags.ts";
import type { Option } from "./arguments/options.ts";

/** What the command line says to a command. */
export interface CommandLine {
  readonly flags: Flags;
  /** Arguments as they stand, for a command that reads them itself; of any other command empty. */
  readonly args: readonly string[];
}

/** What a command that needs the configuration works with. */
export interface CommandContext extends CommandLine {
  /** Flags before file before defaults. */
  readonly config: Config;
}

/** One word of the command line: a row of the table from which parser and help are made. */
export interface Command {
  readonly name: string;
  /** What it does, in one line of help. */
  readonly summary: string;
  readonly options: readonly Option[];
  /** Command lines that are worth showing, without the program's name. */
  readonly examples: readonly string[];
  /** Started by the program itself: help does not show it, and its arguments are left to it. */
  readonly internal?: boolean;
  /** Does it, loading the body only now, and gives the exit code. */
  readonly run: (line: CommandLine) => Promise<number>;
}
