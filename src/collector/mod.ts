export * from "./clock.ts";
export * from "./collector.ts";
export * from "./module.ts";
export * from "./registry.ts";
