/** Moments of earlier boots on the clock of this one. Pure. @module */

/** What is known of a boot in a recorder file, on its own monotonic clock. */
export interface Boot {
  readonly id: string;
  /** The first and the last moment that were recorded, in milliseconds of `CLOCK_MONOTONIC`. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** Wall clock minus monotonic clock at the last moment, in milliseconds. */
  readonly offsetMs: number;
}

/** This boot, now. */
export interface Now {
  /** 32 hexadecimal digits. */
  readonly bootId: string;
  /** Milliseconds since the Unix epoch. */
  readonly timeMs: number;
  /** Milliseconds of `CLOCK_MONOTONIC`. */
  readonly monotonicMs: number;
}

/**
 * What to add to the monotonic times of each boot, so that they are on the clock of this one: before its zero, in the
 * order of the boots, with all durations within a boot as they were. Between boots the wall clock tells the
 * distance; where it was set back, a boot ends just before the next one. What this boot has of later than now is of
 * another time namespace, and treated as an earlier boot.
 *
 * @param boots the oldest first; this boot may be the last of them
 * @param now this boot
 * @returns milliseconds by boot id
 */
export function shiftsOf(boots: readonly Boot[], now: Now): ReadonlyMap<string, number> {
  const shifts = new Map([[now.bootId, 0]]);
  const nowOffsetMs = now.timeMs - now.monotonicMs;
  let limitMs = -1;
  for (const { id, firstMs, lastMs, offsetMs } of boots.toReversed()) {
    if (id === now.bootId && lastMs <= now.monotonicMs) continue;
    const shift = Math.round(Math.min(offsetMs - nowOffsetMs, limitMs - lastMs));
    shifts.set(id, shift);
    limitMs = firstMs + shift - 1;
  }
  return shifts;
}
