/** Sizes of memory as people write them: `64MiB`, `512KiB`, `64MB`, `1048576`. @module */
import { shown } from "./shown.ts";

/** Bytes in each unit; no unit means bytes. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const UNIT_NAMES = Object.keys(UNITS).filter((unit) => unit !== "").join(", ");

const SIZE = /^(?<count>\d+)(?<unit>[A-Za-z]*)$/;

/**
 * Reads a size.
 *
 * @param text a whole number, with a unit unless it counts bytes
 * @returns bytes
 * @throws {RangeError} if the text is no size, or zero; its message tells what is expected and leaves it to
 * the caller to say where
 */
export function parseBytes(text: string): number {
  const { count, unit } = SIZE.exec(text)?.groups ?? {};
  const bytes = Number(count) * (UNITS[unit ?? ""] ?? NaN);
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw new RangeError(
    `expected a size like 64MiB, 512KiB or 67108864 (units: ${UNIT_NAMES}), got ${shown(text)}`,
  );
}

/**
 * Writes a size in the form that {@linkcode parseBytes} reads, in the unit that makes the shortest whole number.
 *
 * @param bytes a whole number, not negative
 */
export function formatBytes(bytes: number): string {
  const [unit, size] = Object.entries(UNITS)
    .filter(([, size]) => size > 1 && bytes > 0 && bytes % size === 0)
    .reduce((best, next) => next[1] > best[1] ? next : best, ["", 1]);
  return `${bytes / size}${unit}`;
}
