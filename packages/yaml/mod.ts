/**
 * Stands in for `@std/yaml` where JSR cannot be reached: the same import name and the same behaviour, over
 * `js-yaml` from npm.
 *
 * Only {@linkcode parse} without options is offered, which is all that this project uses. A configuration
 * without `links` uses the original instead.
 *
 * @module
 */
export * from "./parse.ts";
