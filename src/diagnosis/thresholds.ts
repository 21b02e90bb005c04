/** The numbers that decide, each with its reason. @module */

/** A number that decides. */
export interface Threshold {
  readonly value: number;
  /** Why it is this one. */
  readonly reason: string;
}

/** Every number that decides. The first four can be set in the configuration. */
export const THRESHOLDS = {
  floorNs: {
    value: 256_000,
    reason:
      "flash answers sooner, and a busy processor delays calls by as much: 128 us were seen without any rise",
  },
  rise: {
    value: 2,
    reason:
      "one bucket may be a rise by a hundredth across its bound; two are certainly more than a doubling",
  },
  fewestCalls: {
    value: 200,
    reason: "a p95 of fewer calls rests on fewer than ten of them",
  },
  pressure: {
    value: 2.5,
    reason:
      "steady mixed work was seen to add 1.9 times as many pages in one period as in another, pressure 3.5",
  },
  tailGrowth: {
    value: 3,
    reason: "a share of slow calls that wanders about the quantile moves it by many buckets and means little",
  },
  certainty: {
    value: 6,
    reason: "standard errors: chance gives so many once in a thousand million, but slow calls come in bursts",
  },
  shortestMs: {
    value: 5_000,
    reason: "less time says more of chance than of the work",
  },
  lastingMs: {
    value: 10_000,
    reason:
      "a flush or a garbage collection stalls reads for a second or two, which shall not fill two thirds of it",
  },
  ofSlowCalls: {
    value: 0.1,
    reason: "what happens less than once for ten slow calls does not explain them",
  },
  ofCalls: {
    value: 0.01,
    reason: "activity below a hundredth of the read calls is background noise",
  },
} as const satisfies Readonly<Record<string, Threshold>>;

/** The numbers by name. */
export type Thresholds = Readonly<Record<keyof typeof THRESHOLDS, number>>;

/** What holds unless something else is said. */
export const DEFAULT_THRESHOLDS = Object.fromEntries(
  Object.entries(THRESHOLDS).map(([name, { value }]) => [name, value]),
) as Thresholds;
