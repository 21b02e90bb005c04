/** Sizes of memory as people write them: `64MiB`, `512KiB`, `64MB`, `1048576`. @module */

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
  throw new RangeError(`expected a size like 64MiB, 512KiB or 67108864, got ${JSON.stringify(text)}`);
}
