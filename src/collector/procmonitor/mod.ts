/**
 * procmonitor: processor, storage, memory and calls in flight of the target.
 *
 * @module
 */
export { iomonitorCalls, MOST_CALLS, type WatchedCall } from "./calls.ts";
export { FAMILIES as PROCMONITOR_FAMILIES } from "./metrics.ts";
export { PROCMONITOR_OBJECT } from "./object.ts";
export * from "./procmonitor.ts";
