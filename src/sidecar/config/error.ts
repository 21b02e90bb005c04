/** The error of a configuration that cannot be used. @module */

/** A configuration that cannot be used, with every problem that was found in it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** One line for each problem: where, what was expected, what was found. */
  readonly problems: readonly string[];

  /** @param problems one line each, at least one */
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}
