/**
 * How a module's programs run: strategies, attaching with reasons, and counters read as they were at one moment.
 *
 * @module
 */
export * from "./attach.ts";
export * from "./calls.ts";
export * from "./counters.ts";
export * from "./descriptors.ts";
export * from "./metric.ts";
export * from "./probe.ts";
export * from "./session.ts";
export * from "./settled.ts";
export * from "./status.ts";
