/**
 * 64-bit integers as decimal text, without a float in between.
 *
 * @module
 */
import type { MetricFamily } from "../metrics/mod.ts";

/** Digits after the decimal point: nanoseconds are exported as seconds. */
const SCALE = { "1": 0, ns: 9 } as const satisfies Record<MetricFamily["unit"], number>;

/**
 * Writes a value in its exported unit with exactly the digits that it has.
 *
 * @param value the value in the family's unit
 * @param unit the family's unit
 * @returns plain decimal digits: 1234567891n of "ns" is `1.234567891`
 */
export function formatValue(value: bigint, unit: MetricFamily["unit"]): string {
  return formatScaled(value, SCALE[unit]);
}

/**
 * Writes an integer divided by a power of ten.
 *
 * @param value the integer
 * @param scale how many of its digits are behind the decimal point
 * @returns plain decimal digits without trailing zeros behind the point
 */
export function formatScaled(value: bigint, scale: number): string {
  if (value < 0n) return `-${formatScaled(-value, scale)}`;
  const digits = value.toString().padStart(scale + 1, "0");
  const point = digits.length - scale;
  const fraction = digits.slice(point).replace(/0+$/, "");
  return fraction === "" ? digits.slice(0, point) : `${digits.slice(0, point)}.${fraction}`;
}

/**
 * Writes a bucket's upper bound as Go's Prometheus client does, whose spelling is what queries on `le`
 * compare with.
 *
 * Source: `%e` is used if the exponent is below -4 or not below 6, in `strconv.FormatFloat(f, 'g', -1, 64)`.
 *
 * @param bound the bound in the family's unit
 * @param unit the family's unit
 * @returns the bound in the exported unit: 1000n of "ns" is `1e-06`
 */
export function formatBound(bound: bigint, unit: MetricFamily["unit"]): string {
  if (bound < 0n) return `-${formatBound(-bound, unit)}`;
  const digits = bound.toString();
  const exponent = digits.length - 1 - SCALE[unit];
  if (bound === 0n || (exponent >= -4 && exponent < 6)) return formatValue(bound, unit);
  const significant = digits.replace(/0+$/, "");
  const mantissa = significant.length === 1 ? significant : `${significant[0]}.${significant.slice(1)}`;
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${Math.abs(exponent).toString().padStart(2, "0")}`;
}
