/** Waiting with a deadline. @module */

/** By how much slower than usual the machine is: guests are emulated. */
const SLOWNESS = Number(Deno.env.get("KTM_SLOWNESS") ?? 1);

/** Long enough for a busy machine; only a test that fails waits so long. */
export const DEADLINE_MS = 20_000 * SLOWNESS;

/** Between two looks at a condition, at first and at most: looking often slows down what is waited for. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [2, 50];

/**
 * Waits for a condition that is announced nowhere.
 *
 * @param what the condition, for the error
 * @param condition looked at again and again, less and less often
 * @returns what the condition gave when it came true
 * @throws {Error} if it does not come true in time
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  deadlineMs: number = DEADLINE_MS,
): Promise<Exclude<T, false | undefined | "">> {
  const end = performance.now() + deadlineMs;
  for (let waitMs = FIRST_WAIT_MS;; waitMs = Math.min(waitMs * 1.5, LONGEST_WAIT_MS)) {
    const value = await condition();
    if (value) return value as Exclude<T, false | undefined | "">;
    if (performance.now() > end) throw new Error(`Cannot go on: no ${what} after ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** The outcome of a promise, if it has one in time. */
export async function within<T>(what: string, ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`Cannot go on: no ${what} after ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
