/** Reading the configuration: a flag goes before the file, the file before the default. @module */
import * as z from "zod/mini";
import { readTextFile, SyscallError } from "../syscall/mod.ts";
import { ConfigError } from "./config_error.ts";
import { type Config, CONFIG_SCHEMA } from "./config_schema.ts";

export { ConfigError } from "./config_error.ts";
export type { CommFallback, Config, LogFormat, LogLevel } from "./config_schema.ts";
export type { ListenAddress } from "./config_listen.ts";

/** A value from the command line that goes before the file's. */
export interface Override {
  /** What messages call it: `--interval`. */
  readonly flag: string;
  /** The key it stands for: `collector.interval`. */
  readonly path: string;
  /** As it would stand in the file. */
  readonly value: string | readonly string[];
}

type Tree = { readonly [key: string]: unknown };

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `base` with the values of `over` put in their places. */
function merge(base: unknown, over: Tree): Tree {
  const merged: Record<string, unknown> = isTree(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(over)) {
    merged[key] = isTree(value) ? merge(merged[key], value) : value;
  }
  return merged;
}

function treeOf(override: Override): Tree {
  return override.path.split(".").reduceRight<unknown>(
    (value, key) => ({ [key]: value }),
    override.value,
  ) as Tree;
}

/** One line for each thing in `tree` that the schema refuses, after the name of the place it is in. */
function problemsOf(tree: unknown, place: (path: string) => string): string[] {
  const { error } = z.safeParse(CONFIG_SCHEMA, tree);
  return (error?.issues ?? []).flatMap(({ path, message }) =>
    message.split("\n").map((line) => `${place(path.join("."))}: ${line}`)
  );
}

/**
 * Makes a configuration.
 *
 * @param file what a file says: keys and values, or null for the default configuration
 * @param source what messages call it, for example the file's name
 * @param overrides values from the command line
 * @throws {ConfigError} with every problem of the file and of the overrides
 *
 * @example The interval comes from the flag, the level from the file, the rest from the defaults
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const flag = { flag: "--interval", path: "collector.interval", value: "1s" };
 * const config = configFrom({ log: { level: "warn" } }, "ktm.yaml", [flag]);
 * assert.equal(config.collector.interval, 1000);
 * assert.equal(config.log.level, "warn");
 * assert.equal(config.collector.ebpf.comm_prefix, "banyand");
 * ```
 */
export function configFrom(file: unknown, source: string, overrides: readonly Override[] = []): Config {
  const flags = overrides.map((override) => ({ flag: override.flag, tree: treeOf(override) }));
  const problems = [
    ...problemsOf(file, (path) => path === "" ? source : `${source}: ${path}`),
    ...flags.flatMap(({ flag, tree }) => problemsOf(tree, () => flag)),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return z.parse(CONFIG_SCHEMA, flags.reduce((merged, { tree }) => merge(merged, tree), file));
}

function readSource(path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    throw error instanceof SyscallError ? new ConfigError([error.message]) : error;
  }
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
  if (path === undefined) return configFrom(null, "defaults", overrides);
  // The parser is not loaded where there is nothing to parse.
  const { parseFile } = await import("./config_file.ts");
  return configFrom(parseFile(readSource(path), path), path, overrides);
}
