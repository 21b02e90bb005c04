/** Durations as people write them: `500ms`, `10s`, `1m30s`, `2h`. @module */
import { shown } from "./shown.ts";

/** Milliseconds in each unit, largest first. */
const UNITS = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

const UNIT_NAMES = Object.keys(UNITS).join(", ");

type Unit = keyof typeof UNITS;

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[hms]))+$/;
const PART = /(?<count>[\d.]+)(?<unit>ms|[hms])/g;
const LONGEST = 24 * UNITS.h;

/**
 * Reads a duration.
 *
 * @param text numbers with units, as Go writes them
 * @returns whole milliseconds
 * @throws {RangeError} if the text is no duration or is not between 1ms and 24h; its message tells what is
 * expected and leaves it to the caller to say where
 *
 * @example One and a half minutes
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("1m30s"), 90_000);
 * ```
 */
export function parseDuration(text: string): number {
  if (!DURATION.test(text)) {
    throw new RangeError(
      `expected a duration like 500ms, 10s or 1m30s (units: ${UNIT_NAMES}), got ${shown(text)}`,
    );
  }
  let total = 0;
  for (const { groups } of text.matchAll(PART)) total += Number(groups!.count) * UNITS[groups!.unit as Unit];
  const milliseconds = Math.round(total);
  if (milliseconds < 1 || milliseconds > LONGEST) {
    throw new RangeError(`expected a duration from 1ms to 24h, got ${shown(text)}`);
  }
  return milliseconds;
}

/**
 * Writes a duration in the form that {@linkcode parseDuration} reads, in the largest units that fit.
 *
 * @param milliseconds whole milliseconds, not negative
 */
export function formatDuration(milliseconds: number): string {
  let rest = milliseconds;
  let text = "";
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || "0s";
}
