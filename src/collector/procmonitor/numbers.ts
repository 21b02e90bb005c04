/** Numbers in files of cgroups. Pure. @module */

/** Largest value of a counter. */
const MOST = (1n << 64n) - 1n;

/** A number if it is one of a counter: one that is not would cost all samples of its set. */
export function fitting(value: bigint): bigint | undefined {
  return value < 0n || value > MOST ? undefined : value;
}

/** A 64-bit number in decimal; undefined for everything else. */
export function parseNumber(text: string): bigint | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  return fitting(BigInt(text));
}

/** The number that is all of a file; undefined for everything else. */
export function parseOnly(text: string): bigint | undefined {
  return parseNumber(text.endsWith("\n") ? text.slice(0, -1) : text);
}

/** The numbers of a file with a name and a number a line; lines that are anything else are left out. */
export function parseNamed(text: string): Map<string, bigint> {
  const pairs = text.split("\n").map((line) => /^([a-z_]{1,64}) ([0-9]+)$/.exec(line));
  return new Map(pairs.flatMap((match) => {
    const value = match === null ? undefined : parseNumber(match[2]!);
    return value === undefined ? [] : [[match![1]!, value] as const];
  }));
}
