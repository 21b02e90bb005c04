/** What a soak has to show, from what was seen of the agent. Pure. @module */

/** What was seen at one scrape. */
export interface Look {
  /** Milliseconds of a monotonic clock. */
  readonly atMs: number;
  /** `ktm_collections_total`. */
  readonly collections: number;
  readonly residentKb: number;
  readonly descriptors: number;
  /** How many times the target had been started by then. */
  readonly targets: number;
}

/** The figures of a soak. */
export interface Figures {
  readonly minutes: number;
  /** Of the resident set: the median of the last looks less that of the first ones. */
  readonly grownKb: number;
  readonly highestKb: number;
  /** Collections that time had room for, less those that there were. */
  readonly missed: number;
  /** The least number seen while each target lived: a file may be open for a moment. */
  readonly descriptors: readonly number[];
  /** Lines of the log that nothing in the plan explains. */
  readonly unexplained: readonly string[];
}

/** Looks in a median. */
const MEDIAN_OF = 20;

/** What the log may say with a warning: each target is ended on purpose, and how fast disks are is not in the plan. */
const EXPLAINED = [
  / WARN {2}Target ended; /,
  / WARN {2}Waiting for the target /,
  / WARN {2}(?:An|The) incident has /,
];

const WARNING = / (?:WARN |ERROR) /;

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

/** Collections that the time between two looks had room for, less those that there were. */
export function missedBetween(
  first: Pick<Look, "atMs" | "collections">,
  last: Pick<Look, "atMs" | "collections">,
  intervalMs: number,
): number {
  // One may be under way at either end.
  const room = Math.floor((last.atMs - first.atMs) / intervalMs) - 1;
  return Math.max(0, room - (last.collections - first.collections));
}

/**
 * Makes figures of looks.
 *
 * @param looks those after the agent has become warm, in their order; at least one
 * @param stderr all of the agent's log
 * @param intervalMs between two collections
 */
export function figuresOf(looks: readonly Look[], stderr: string, intervalMs: number): Figures {
  const [first, last] = [looks[0]!, looks.at(-1)!];
  const resident = looks.map(({ residentKb }) => residentKb);
  const byTarget = Map.groupBy(looks, ({ targets }) => targets);
  return {
    minutes: (last.atMs - first.atMs) / 60_000,
    grownKb: median(resident.slice(-MEDIAN_OF)) - median(resident.slice(0, MEDIAN_OF)),
    highestKb: Math.max(...resident),
    missed: missedBetween(first, last, intervalMs),
    descriptors: [...byTarget.values()].map((some) =>
      Math.min(...some.map(({ descriptors }) => descriptors))
    ),
    unexplained: stderr.split("\n")
      .filter((line) => WARNING.test(line) && !EXPLAINED.some((pattern) => pattern.test(line))),
  };
}

/** A virtual machine may stand still once for the time of a collection, and that is no fault of the agent. */
const EXCUSED = 1;

/** The most that the resident set may grow, in kilobytes. */
const GROWTH_LIMIT_KB = 3 * 1024;

/**
 * What is wrong with figures, one line each.
 *
 * @returns nothing if all is well
 */
export function problemsIn({ grownKb, missed, descriptors, unexplained }: Figures): string[] {
  const [first] = descriptors;
  return [
    ...grownKb < GROWTH_LIMIT_KB ? [] : [`the resident set has grown by ${grownKb} kB`],
    ...missed <= EXCUSED ? [] : [`${missed} collections are missing`],
    ...descriptors.every((count) => count === first) ? [] : [`descriptors: ${descriptors.join(", ")}`],
    ...unexplained.map((line) => `the log says: ${line}`),
  ];
}
