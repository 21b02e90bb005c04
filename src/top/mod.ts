/**
 * What `ktm top` shows: from two snapshots, a history and a size to lines. No I/O.
 *
 * @module
 */
export * from "./activity.ts";
export * from "./history.ts";
export * from "./line.ts";
export * from "./modules.ts";
export * from "./plain.ts";
export * from "./screen.ts";
export * from "./snapshot.ts";
export * from "./view.ts";
