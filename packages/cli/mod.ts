/**
 * Stands in for `@std/cli` where JSR cannot be reached: the same import name and the same behaviour for the
 * part that is used. A configuration without `links` uses the original instead.
 *
 * @module
 */
export * from "./parse_args.ts";
