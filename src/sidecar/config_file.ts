/** A configuration file: its text, and what it means. @module */
import { parse as parseYaml } from "@std/yaml/parse";
import * as z from "zod/mini";
import { readTextFile, SyscallError } from "../syscall/mod.ts";
import { ConfigError } from "./config_error.ts";
import type { Config } from "./config_keys.ts";
import { CONFIG_SCHEMA } from "./config_schema.ts";

/** The parser's message in one line, without the excerpt that follows it. */
function yamlProblem(error: SyntaxError, source: string): string {
  const { reason, line } = /^(?<reason>.*) at line (?<line>\d+), column/.exec(error.message)?.groups ?? {};
  return reason === undefined ? `${source}: ${error.message}` : `${source}:${line}: ${reason}`;
}

/** What a file says. */
export interface FileContent {
  /** Undefined if there are problems. */
  readonly config: Config | undefined;
  /** One line each, with the name of the file and the key. */
  readonly problems: readonly string[];
}

/**
 * Reads the text of a configuration file.
 *
 * @param text YAML
 * @param source what messages call it, for example the file's name
 * @throws {ConfigError} if it is no YAML
 */
export function parseFile(text: string, source: string): FileContent {
  let tree: unknown;
  try {
    tree = parseYaml(text);
  } catch (error) {
    throw error instanceof SyntaxError ? new ConfigError([yamlProblem(error, source)]) : error;
  }
  const { data, error } = z.safeParse(CONFIG_SCHEMA, tree);
  const problems = (error?.issues ?? []).flatMap(({ path, message }) =>
    message.split("\n").map((line) =>
      `${[source, path.join(".")].filter((part) => part !== "").join(": ")}: ${line}`
    )
  );
  return { config: data as Config | undefined, problems };
}

/**
 * Reads a configuration file.
 *
 * @throws {ConfigError} if it cannot be read, or is no YAML
 */
export function readFile(path: string): FileContent {
  let text: string;
  try {
    text = readTextFile(path);
  } catch (error) {
    throw error instanceof SyscallError ? new ConfigError([error.message]) : error;
  }
  return parseFile(text, path);
}
