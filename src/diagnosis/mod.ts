/**
 * From counters to a decision: what goes on, why one thinks so, what to do, and what the kernel cannot tell.
 *
 * Latency goes first. Everything else only explains why it rose. No I/O.
 *
 * @module
 */
export { endsOf, type TargetEnd } from "./ends.ts";
export * from "./explain.ts";
export { type Explanation, withEnds } from "./explanation.ts";
export { CALL_METRICS } from "./readings/fields.ts";
export { type Reading, readingOf } from "./readings/reading.ts";
export * from "./thresholds.ts";
export * from "./watch.ts";
export * from "./words/text.ts";
