/** Numbers for people, with a unit and at most two digits behind the point. @module */
import { boundNs, isUnbounded } from "../../metrics/mod.ts";

/** Units of time by their nanoseconds, the largest first. U+00B5 is the micro sign. */
const TIMES = [["s", 1e9], ["ms", 1e6], ["\u00b5s", 1e3], ["ns", 1]] as const;

/** A number as it stands, without more digits than anybody wants. */
export function formatNumber(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return String(Number(value.toFixed(digits)));
}

/** A time: `64 \u00b5s`, `8.19 ms`. */
export function formatTime(ns: number): string {
  const [unit, size] = TIMES.find(([, size]) => ns >= size) ?? TIMES.at(-1)!;
  return `${formatNumber(ns / size)} ${unit}`;
}

/** The latency that no call in a bucket exceeds. */
export function formatBucket(bucket: number | undefined): string {
  if (bucket === undefined) return "nothing";
  return `${isUnbounded(bucket) ? "more than " : ""}${formatTime(boundNs(bucket))}`;
}

/** A time of the wall clock, in milliseconds since 1970, as ISO 8601, UTC. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** A share: `2.68 %`. */
export function formatShare(share: number): string {
  return `${formatNumber(share * 100)} %`;
}

/** A rate: `1950/s`, or of time `12 %` of it. */
export function formatRate(perSecond: number | undefined, unit?: "s"): string {
  if (perSecond === undefined) return "not measured";
  return unit === "s" ? `${formatShare(perSecond)} of the time` : `${formatNumber(perSecond)}/s`;
}
