/** A log that clients cannot fill. @module */
import type { LogFunction } from "./log.ts";

/**
 * Lets a line through once in a while, and says in it how many were left out since the one before.
 *
 * @param write where lines go
 * @param restMs milliseconds from one line to the next
 * @param clock milliseconds that never go back
 */
export function seldom(
  write: LogFunction,
  restMs: number,
  clock: () => number = () => performance.now(),
): LogFunction {
  let suppressed = 0;
  let nextMs = -Infinity;
  return (message, properties) => {
    if (clock() < nextMs) return void suppressed++;
    nextMs = clock() + restMs;
    write(message, suppressed === 0 ? properties : { ...properties, suppressed });
    suppressed = 0;
  };
}
