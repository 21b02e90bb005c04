/**
 * Modules and the loop that polls them.
 *
 * @module
 */
export * from "./collector.ts";
export * from "./figures.ts";
export * from "./module.ts";
export * from "./modules.ts";
export * from "./registry.ts";
