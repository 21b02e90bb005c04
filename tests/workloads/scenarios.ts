/** The workloads of docs/interpretation.md as scenarios for a real kernel, as data. @module */
import {
  type Actor,
  allocator,
  COLD,
  coldReads,
  compaction,
  evictor,
  HOT,
  HOT_FILE_MB,
  HOT_ROWS,
  lookups,
  reader,
  ROWS,
  saturate,
  scan,
} from "./actors.ts";

/** What the target's own reads say, measured by who makes them: they become slower for certain, or they do not. */
export type Truth = "rises" | "holds";

/** What has to be said of a scenario. */
export interface Expected {
  /** One of these. */
  readonly workloads: readonly string[];
  readonly incident: boolean;
}

/** A workload that is made. */
export interface Scenario {
  readonly name: string;
  readonly expected: Expected;
  readonly truth: Truth;
  /** The limit of the target's cgroup, if it has one. */
  readonly memoryMb?: number;
  /** What is cached at the start, in the order of reading. */
  readonly warm: readonly string[];
  /** Whether it reads the database. */
  readonly needsDatabase?: boolean;
  /** Who is there all the time. */
  readonly baseline: (strength: Strength) => readonly Actor[];
  /** Who comes at the onset. */
  readonly change: (strength: Strength) => readonly Actor[];
}

/** How much is done in a run, beside what is usual: runs of a scenario are not all alike. */
export interface Strength {
  readonly reader: number;
  readonly change: number;
}

const STRENGTHS = [1, 0.6, 1.5, 0.8, 1.25] as const;

/** Gives ten runs in a row a different pair of strengths each. */
export function strengthOf(run: number): Strength {
  const count = STRENGTHS.length;
  const change = (2 * run + Math.floor(run / count)) % count;
  return { reader: STRENGTHS[run % count]!, change: STRENGTHS[change]! };
}

/** Where little is read, that nothing can be said is right, too. */
const NOTHING = { workloads: ["no change", "not enough data"], incident: false } as const;

/** All of them; beside the usual, how much is done depends on the run. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "w1-scan",
    expected: { workloads: ["W1"], incident: false },
    truth: "holds",
    warm: [HOT],
    baseline: (strength) => [reader(250 * strength.reader)],
    change: (strength) => [scan(400 * strength.change)],
  },
  {
    name: "w2-pressure",
    expected: { workloads: ["W2"], incident: false },
    truth: "holds",
    memoryMb: 64,
    warm: [COLD, HOT, HOT],
    baseline: (strength) => [reader(250 * strength.reader), scan(80, 32)],
    change: (strength) => [scan(400 * strength.change)],
  },
  {
    name: "w3-dontneed",
    expected: { workloads: ["W3"], incident: true },
    truth: "rises",
    warm: [HOT],
    baseline: (strength) => [reader(150 * strength.reader)],
    change: (strength) => [evictor(4 * strength.change)],
  },
  {
    name: "w4-neighbour",
    expected: { workloads: ["W4"], incident: true },
    truth: "rises",
    warm: [HOT],
    baseline: (strength) => [reader(150 * strength.reader)],
    change: (strength) => [
      saturate(6 * strength.change),
      coldReads(30),
    ],
  },
  {
    name: "w4-compaction",
    expected: { workloads: ["W4"], incident: true },
    truth: "rises",
    warm: [HOT],
    baseline: (strength) => [reader(150 * strength.reader)],
    change: (strength) => [compaction(4 * strength.change), coldReads(30)],
  },
  {
    name: "w4-sqlite",
    needsDatabase: true,
    expected: { workloads: ["W4"], incident: true },
    truth: "rises",
    warm: [HOT],
    baseline: (strength) => [lookups(HOT_ROWS, 60 * strength.reader)],
    change: (strength) => [
      saturate(6 * strength.change),
      lookups(ROWS, 60 * strength.change),
    ],
  },
  {
    name: "w5-memory",
    expected: { workloads: ["W5"], incident: true },
    truth: "rises",
    memoryMb: 64,
    warm: [HOT],
    baseline: (strength) => [reader(150 * strength.reader, HOT_FILE_MB)],
    change: (strength) => [allocator(34 + 4 * strength.change)],
  },
  {
    name: "quiet-cached",
    expected: NOTHING,
    truth: "holds",
    warm: [HOT],
    baseline: (strength) => [reader(200 * strength.reader)],
    change: () => [],
  },
  {
    name: "quiet-idle",
    expected: NOTHING,
    truth: "holds",
    warm: [HOT],
    baseline: (strength) => [reader(2 * strength.reader)],
    change: () => [],
  },
  {
    name: "quiet-mixed",
    expected: NOTHING,
    truth: "holds",
    warm: [HOT],
    baseline: (strength) => [
      reader(150 * strength.reader),
      coldReads(15 * strength.change),
      scan(100 * strength.change),
    ],
    change: () => [],
  },
];
