/** Keeping the process small while it runs for months. @module */
import { releaseGarbage } from "../runtime/startup_memory.ts";

/** Between two looks at the memory. */
const LOOK_MS = 60_000;

/** What may come together before it is worth some milliseconds to give it back. */
const GARBAGE_BYTES = 1 << 20;

/** What V8 holds in its heap and outside of it. */
function used(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

/**
 * Gives unused memory back once a minute, if there is any, until the result is disposed.
 *
 * V8 by itself starts to look for garbage that has become old when there are some 30 MB of it, which for an agent
 * that makes a little every ten seconds is after days.
 */
export function keepTidy(): Disposable {
  // At the first look there is what the start has left.
  let before = 0;
  const timer = setInterval(() => {
    if (used() - before < GARBAGE_BYTES) return;
    releaseGarbage();
    before = used();
  }, LOOK_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
