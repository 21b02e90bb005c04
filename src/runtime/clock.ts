/**
 * The time, and waiting for it.
 *
 * @module
 */
import type { Moment } from "../metrics/mod.ts";
import { monotonicMs } from "../syscall/mod.ts";

/** Tells the time and waits for it. */
export interface Clock {
  /** Milliseconds since the Unix epoch; may jump. */
  now(): number;

  /** Milliseconds of `CLOCK_MONOTONIC`, or since another moment; never goes back. */
  monotonic(): number;

  /**
   * Waits for a moment of the monotonic clock.
   *
   * @param untilMs when to go on, on the scale of `monotonic`
   * @param signal ends the wait early
   * @returns when the moment has come or the signal is aborted; never rejects
   */
  wait(untilMs: number, signal: AbortSignal): Promise<void>;
}

/** A longer timeout fires at once: `setTimeout` keeps its delay in 32 bits. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: monotonicMs,
  async wait(untilMs, signal) {
    while (!signal.aborted) {
      const rest = untilMs - monotonicMs();
      if (rest <= 0) return;
      await timeout(Math.min(Math.ceil(rest), LONGEST_TIMEOUT_MS), signal);
    }
  },
};

/** This moment by both clocks, in whole milliseconds, as a recorder keeps it. */
export function momentOf(clock: Clock): Moment {
  return { timeMs: Math.trunc(clock.now()), monotonicMs: Math.trunc(clock.monotonic()) };
}

function timeout(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, delayMs);
    signal.addEventListener("abort", end);
  });
}
