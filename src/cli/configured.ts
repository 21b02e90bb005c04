/** How a command gets its configuration. @module */
import { configureLogging } from "../sidecar/log/log.ts";
import type { Command, CommandContext } from "./command.ts";

/** The module of a command's body. */
export interface Body {
  readonly run: (context: CommandContext) => Promise<number>;
}

/**
 * A command's `run` that reads the configuration, sets up the log, and only then loads the body.
 *
 * The configuration is imported late as well: help and version do without.
 */
export function configured(load: () => Promise<Body>): Command["run"] {
  return async (line) => {
    const { loadConfig } = await import("../sidecar/config/config.ts");
    const config = await loadConfig(line.flags.text("config"), line.flags.overrides());
    configureLogging(config.log);
    const body = await load();
    return await body.run({ ...line, config });
  };
}
