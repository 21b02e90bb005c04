/** Latencies as people write them: `64us`, `1ms`, `0.5s`. @module */
import { shown } from "./shown.ts";

/** Nanoseconds in each unit. */
const UNITS: Readonly<Record<string, number>> = { us: 1e3, ms: 1e6, s: 1e9 };

const UNIT_NAMES = Object.keys(UNITS).join(", ");

const LATENCY = /^(?<count>\d+(?:\.\d+)?)(?<unit>us|ms|s)$/;

const LEAST_NS = 1e3;
const MOST_NS = 60e9;

/**
 * Reads a latency.
 *
 * @param text a number with a unit
 * @returns whole nanoseconds
 * @throws {RangeError} if the text is no latency or is not between 1us and 60s; its message tells what is expected
 * and leaves it to the caller to say where
 */
export function parseLatency(text: string): number {
  const { count, unit = "" } = LATENCY.exec(text)?.groups ?? {};
  const ns = Math.round(Number(count) * (UNITS[unit] ?? NaN));
  if (ns >= LEAST_NS && ns <= MOST_NS) return ns;
  throw new RangeError(
    `expected a latency from 1us to 60s like 64us or 1.5ms (units: ${UNIT_NAMES}), got ${shown(text)}`,
  );
}

/**
 * Writes a latency in the form that {@linkcode parseLatency} reads, in the largest unit of which there is one.
 *
 * @param ns whole nanoseconds, at least 1000
 */
export function formatLatency(ns: number): string {
  const [unit, size] = Object.entries(UNITS).findLast(([, size]) => ns >= size)!;
  return `${ns / size}${unit}`;
}
