/** Numbers in few characters. @module */
import type { Bound } from "../metrics/mod.ts";

/** What stands where nothing was measured. */
export const NOTHING = "-";

const THOUSANDS = ["", "k", "M", "G", "T", "P", "E"] as const;
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const TIMES = ["ns", "us", "ms", "s"] as const;

/** At most so many digits behind the point that there are three in all, and no more than `most`. */
function fewDigits(value: number, most: number): string {
  const digits = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  return String(Number(value.toFixed(Math.min(digits, most))));
}

/** A value in the largest unit in which it is not below 1 when it has been rounded. */
function scaled(value: number, base: number, units: readonly string[], most = 2): string {
  let unit = 0;
  let rest = value;
  while (rest >= base - 0.5 && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return `${fewDigits(rest, most)}${units[unit]}`;
}

/** A number: `12.3k`. */
export function formatNumber(value: number | undefined): string {
  return value === undefined ? NOTHING : scaled(value, 1000, THOUSANDS);
}

/** A number in a second: `12.3k/s`. */
export function formatRate(value: number | undefined): string {
  return value === undefined ? NOTHING : `${formatNumber(value)}/s`;
}

/** Bytes: `48.1MiB`. */
export function formatBytes(value: number | undefined): string {
  return value === undefined ? NOTHING : scaled(value, 1024, BINARY);
}

/** Bytes in a second: `48.1MiB/s`. */
export function formatByteRate(value: number | undefined): string {
  return value === undefined ? NOTHING : `${scaled(value, 1024, BINARY)}/s`;
}

/** A share of the whole: `12.5%`. */
export function formatShare(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? NOTHING : `${fewDigits(value * 100, 2)}%`;
}

/** A time: `1.02ms`, or `1ms` if there are to be no digits behind the point. */
export function formatTime(ns: number, digits = 2): string {
  return scaled(ns, 1000, TIMES, digits);
}

/** A bucket's bound: `1.02ms`, or `>67.1s` of the bucket that has no upper one. */
export function formatBound(bound: Bound | undefined): string {
  return bound === undefined ? NOTHING : `${bound.over ? ">" : ""}${formatTime(Number(bound.ns))}`;
}
