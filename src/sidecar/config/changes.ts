/** What differs between two configurations. Pure. @module */
import type { Config } from "./config.ts";

/** One key with another value. */
export interface Change {
  /** With dots: `collector.interval`. */
  readonly key: string;
  /** In the form in which the configuration holds it; undefined if it is not set. */
  readonly from: unknown;
  readonly to: unknown;
}

type Tree = Readonly<Record<string, unknown>>;

/** The one group of values that is compared as a whole. */
const WHOLE = "exporter.listen";

function isGroup(value: unknown, path: string): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value) && path !== WHOLE;
}

function leaves(tree: Tree, prefix = ""): (readonly [string, unknown])[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    isGroup(value, prefix + name) ? leaves(value, `${prefix}${name}.`) : [[prefix + name, value] as const]
  );
}

/**
 * Lists the keys whose values differ.
 *
 * @example Another interval
 * ```ts
 * import assert from "node:assert/strict";
 * import { configFrom } from "./config.ts";
 *
 * const flag = { flag: "--interval", path: "collector.interval", value: "1s" };
 * assert.deepEqual(changesBetween(configFrom(undefined), configFrom(undefined, [flag])), [
 *   { key: "collector.interval", from: 10_000, to: 1000 },
 * ]);
 * ```
 */
export function changesBetween(before: Config, after: Config): Change[] {
  const [from, to] = [before, after].map((config) => new Map(leaves(config as unknown as Tree)));
  const keys = new Set([...from!.keys(), ...to!.keys()]);
  return [...keys]
    .map((key) => ({ key, from: from!.get(key), to: to!.get(key) }))
    .filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
}
