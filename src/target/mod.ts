/**
 * The target of an agent: one watch, and the filter that all modules share.
 *
 * @module
 */
export type { ProcessEnd } from "./ends.ts";
export * from "./follower.ts";
export * from "./options.ts";
export * from "./probes.ts";
export * from "./scope.ts";
export * from "./session.ts";
export * from "./status.ts";
export * from "./watch.ts";
