/** A configuration file: its text, and what it means. @module */
import { parse as parseYaml } from "@std/yaml/parse";
import * as z from "zod/mini";
import { messageOf, readRegularFile } from "../../syscall/mod.ts";
import { sizeProblem } from "./document_size.ts";
import { ConfigError } from "./error.ts";
import type { Config } from "./keys.ts";
import { CONFIG_SCHEMA } from "./schema.ts";
import { cut } from "./values/shown.ts";

/** Bytes of a file, comments and all. */
const MOST_BYTES = 2 ** 20;

/**
 * Characters of a file without its comment lines, of which a configuration has a hundredth. The parser takes more than
 * a hundred bytes of memory for each before anything can count what it makes, and deploy/kubernetes gives the agent
 * 128 MiB in all.
 */
const MOST_SETTINGS = 2 ** 16;

/** Characters and values that a file means: more than its settings can say without aliases. */
const MOST_MEANT = 4 * MOST_SETTINGS;

const COMMENT_LINES = /^[ \t]*#.*$/gm;

/** Problems that are reported, each of which may be a separate mistake. */
const MOST_PROBLEMS = 20;

/** The first problems, and how many more there are. */
function atMost(problems: readonly string[], source: string): string[] {
  const more = problems.length - MOST_PROBLEMS;
  const first = problems.slice(0, MOST_PROBLEMS);
  return more > 0 ? [...first, `${source}: ${more} more problems`] : first;
}

/** The parser's message in one line, without the excerpt that follows it. */
function yamlProblem(error: SyntaxError, source: string): string {
  const { reason, line } = /^(?<reason>.*) at line (?<line>\d+), column/.exec(error.message)?.groups ?? {};
  const problem = (reason ?? error.message).replaceAll(/[^\s:]+/g, cut);
  return `${source}${line === undefined ? "" : `:${line}`}: ${problem}`;
}

/** What a file says. */
export interface FileContent {
  /** Whether there is nothing in it, not even a comment: as an editor leaves it that truncates before it writes. */
  readonly isEmpty: boolean;
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
 * @throws {ConfigError} if it is no YAML, or means more than it may
 */
export function parseFile(text: string, source: string): FileContent {
  if (text.replaceAll(COMMENT_LINES, "").length > MOST_SETTINGS) {
    throw new ConfigError([`${source}: it has more than ${MOST_SETTINGS} characters without its comments`]);
  }
  let tree: unknown;
  try {
    tree = parseYaml(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new ConfigError([yamlProblem(error, source)]);
    // The parser calls itself for each level.
    if (error instanceof RangeError) throw new ConfigError([`${source}: too deeply nested`]);
    throw error;
  }
  const tooLarge = sizeProblem(tree, MOST_MEANT);
  if (tooLarge !== undefined) throw new ConfigError([`${source}: ${tooLarge}`]);
  const { data, error } = z.safeParse(CONFIG_SCHEMA, tree);
  const problems = (error?.issues ?? []).flatMap(({ path, message }) =>
    message.split("\n").map((line) =>
      `${[source, path.join(".")].filter((part) => part !== "").join(": ")}: ${line}`
    )
  );
  return {
    isEmpty: text.trim() === "",
    config: data as Config | undefined,
    problems: atMost(problems, source),
  };
}

/**
 * Reads a configuration file.
 *
 * @throws {ConfigError} if it cannot be read, is no regular file of at most 1 MiB, or is no YAML
 */
export function readFile(path: string): FileContent {
  let bytes: Uint8Array;
  try {
    bytes = readRegularFile(path, MOST_BYTES);
  } catch (error) {
    throw new ConfigError([messageOf(error)]);
  }
  return parseFile(new TextDecoder().decode(bytes), path);
}
