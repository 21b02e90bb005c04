/**
 * procmonitor: processor, storage, memory and calls in flight of the target.
 *
 * @module
 */
export * from "./procmonitor.ts";
