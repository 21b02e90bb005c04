/**
 * iomonitor: page cache, fadvise, reclaim and read latency of one process.
 *
 * @module
 */
export * from "./attach.ts";
export type { ProcessEnd } from "./ends.ts";
export * from "./iomonitor.ts";
export * from "./metrics.ts";
export * from "./object.ts";
export * from "./preflight.ts";
export * from "./probes.ts";
export * from "./scope.ts";
export * from "./session.ts";
export * from "./status.ts";
