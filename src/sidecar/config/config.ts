/** Reading the configuration: a flag goes before the file, the file before the default. @module */
import { ConfigError } from "./error.ts";
import type { FileContent } from "./file.ts";
import { type Config, DEFAULT_CONFIG, type Key, keyAt, type Reader, unexpected } from "./keys.ts";

export type { CommFallback } from "../../discovery/comm_fallback.ts";
export { ConfigError } from "./error.ts";
export type { Config, LogFormat, LogLevel } from "./keys.ts";
export type { ListenAddress } from "./values/listen.ts";

/** A value from the command line that goes before the file's. */
export interface Override {
  /** What messages call it: `--interval`. */
  readonly flag: string;
  /** The key it stands for: `collector.interval`. */
  readonly path: string;
  /** As it would stand in the file. */
  readonly value: string | readonly string[];
}

/** What is read, or why it cannot be. */
type Reading = { readonly value: unknown; readonly problems: readonly string[] };

function reading(read: Reader<unknown>, value: unknown): Reading {
  try {
    return { value: read(value), problems: [] };
  } catch (error) {
    if (error instanceof RangeError) return { value: undefined, problems: [error.message] };
    throw error;
  }
}

function readKey(key: Key, value: Override["value"]): Reading {
  if (key.kind === "value") return reading(key.read, value);
  if (typeof value === "string" || value.length < key.least) {
    return { value: undefined, problems: [unexpected(key.expects, value)] };
  }
  const elements = value.map((element) => reading(key.readElement, element));
  return {
    value: elements.map(({ value }) => value),
    problems: elements.flatMap(({ problems }) => problems),
  };
}

type Tree = { readonly [key: string]: unknown };

/** A tree with one value put in its place; the groups on the way are there. */
function withValue(tree: Tree, [name, ...rest]: readonly string[], value: unknown): Tree {
  return { ...tree, [name!]: rest.length === 0 ? value : withValue(tree[name!] as Tree, rest, value) };
}

/**
 * Makes a configuration.
 *
 * @param file what a file says
 * @param overrides values from the command line
 * @throws {ConfigError} with every problem of the file and of the overrides
 *
 * @example The interval comes from the flag, the rest from the defaults
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const flag = { flag: "--interval", path: "collector.interval", value: "1s" };
 * const config = configFrom(undefined, [flag]);
 * assert.equal(config.collector.interval, 1000);
 * assert.equal(config.collector.ebpf.comm_prefix, "banyand");
 * ```
 */
export function configFrom(file: FileContent | undefined, overrides: readonly Override[] = []): Config {
  const flags = overrides.map(({ flag, path, value }) => ({ flag, path, ...readKey(keyAt(path), value) }));
  const problems = [
    ...file?.problems ?? [],
    ...flags.flatMap(({ flag, problems }) => problems.map((problem) => `${flag}: ${problem}`)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  const config: unknown = flags.reduce<Tree>(
    (tree, { path, value }) => withValue(tree, path.split("."), value),
    { ...file?.config ?? DEFAULT_CONFIG },
  );
  return config as Config;
}

/**
 * Reads the configuration from a file, or without one from the overrides and the defaults alone.
 *
 * @throws {ConfigError} if the file cannot be read, or with every problem in it
 */
export async function loadConfig(
  path: string | undefined,
  overrides: readonly Override[] = [],
): Promise<Config> {
  return configFrom(await contentOf(path), overrides);
}

/**
 * Reads the configuration again, as {@linkcode loadConfig} does; but an empty file is refused: an editor is about to
 * write it, and every key would go back to its default.
 *
 * @throws {ConfigError} if the file is empty or cannot be read, or with every problem in it
 */
export async function reloadConfig(
  path: string | undefined,
  overrides: readonly Override[] = [],
): Promise<Config> {
  const content = await contentOf(path);
  if (content?.isEmpty) {
    throw new ConfigError([`${path}: the file is empty; write {} to it if every default is wanted`]);
  }
  return configFrom(content, overrides);
}

/** Parser and schema are not loaded where there is nothing to parse: they take longer than all else here. */
async function contentOf(path: string | undefined): Promise<FileContent | undefined> {
  if (path === undefined) return undefined;
  const { readFile } = await import("./file.ts");
  return readFile(path);
}
