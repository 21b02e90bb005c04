/** The text of a configuration file. @module */
import { parse as parseYaml } from "@std/yaml/parse";
import { ConfigError } from "./config_error.ts";

/** The parser's message in one line, without the excerpt that follows it. */
function yamlProblem(error: SyntaxError, source: string): string {
  const { reason, line } = /^(?<reason>.*) at line (?<line>\d+), column/.exec(error.message)?.groups ?? {};
  return reason === undefined ? `${source}: ${error.message}` : `${source}:${line}: ${reason}`;
}

/**
 * Reads the text of a configuration file.
 *
 * @param text YAML
 * @param source what messages call it, for example the file's name
 * @returns keys and values; null if the text is empty
 * @throws {ConfigError} if it is no YAML
 */
export function parseFile(text: string, source: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new ConfigError([yamlProblem(error, source)]) : error;
  }
}
