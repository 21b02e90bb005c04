/** The workloads of docs/interpretation.md as scenarios for a real kernel, as data. @module */

/** Where a process runs: with the target, or elsewhere on the machine. */
export type Place = "target" | "neighbour";

/** A process of a scenario. */
export interface Actor {
  /** The end of its comm, if it is the target's. */
  readonly role: string;
  readonly place: Place;
  readonly program: "fio" | "sqlite" | "evictor";
  /** What it reads; the allocator writes to nowhere from much memory. */
  readonly file: string;
  /** How often it does what it does in a second, if not as often as it can. */
  readonly perSecond?: number;
  /** More options of fio. */
  readonly options?: readonly string[];
  /** The keys that sqlite looks up, from 1. */
  readonly keys?: number;
}

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

/** Reads of the database's usual size from the hot set, all of it cached before the start. */
function reader(perSecond: number, megabytes = HOT_MB): Actor {
  return {
    role: "reader",
    place: "target",
    program: "fio",
    file: HOT,
    perSecond,
    options: ["--rw=randread", `--size=${megabytes}m`],
  };
}

/** Reads in order, as compaction does; small ones, so that they take as long as the reader's. */
function scan(perSecond: number, offsetMb = 0): Actor {
  return {
    role: "merge",
    place: "target",
    program: "fio",
    file: COLD,
    perSecond,
    options: ["--rw=read", "--ioengine=sync", `--offset=${offsetMb}m`],
  };
}

/** Reads anywhere in what is not cached. */
function coldReads(perSecond: number): Actor {
  return {
    role: "query",
    place: "target",
    program: "fio",
    file: COLD,
    perSecond,
    options: ["--rw=randread"],
  };
}

/** As many requests at once, past the page cache, as saturate the disk for all others. */
function saturate(requests: number): Actor {
  const options = ["--rw=randread", "--direct=1", `--numjobs=${Math.round(requests)}`];
  return { role: "neighbour", place: "neighbour", program: "fio", file: COLD, options };
}

/** Compaction that takes the disk for itself: pieces of parts in order, as fast as they come. */
function compaction(threads: number): Actor {
  const options = ["--rw=randread:8", "--ioengine=sync", "--bs=16k", `--numjobs=${Math.round(threads)}`];
  return { role: "merge", place: "target", program: "fio", file: COLD, options };
}

/** Tells the kernel to drop the hot set, again and again. */
function evictor(perSecond: number): Actor {
  return { role: "evict", place: "target", program: "evictor", file: HOT, perSecond };
}

/** Keeps and fills memory. */
function allocator(megabytes: number): Actor {
  const size = `${Math.round(megabytes)}m`;
  const options = ["--rw=write", "--ioengine=sync", `--bs=${size}`, `--size=${size}`, "--zero_buffers=1"];
  return { role: "alloc", place: "target", program: "fio", file: NOWHERE, perSecond: 1, options };
}

function lookups(keys: number, perSecond: number): Actor {
  return { role: "sql", place: "target", program: "sqlite", file: DATABASE, keys, perSecond };
}

/** Files on the guests' disk. */
export const HOT = "hot";
export const COLD = "cold";
export const DATABASE = "database";
/** What is written there is gone. */
export const NOWHERE = "/dev/null";
/** How much the file of what is hot has, and how much of it usually is. */
export const HOT_FILE_MB = 24;
const HOT_MB = 4;
export const COLD_MB = 128;
/** Rows of the database, and how many of them are the hot ones. */
export const ROWS = 16_000;
export const HOT_ROWS = 200;
/** Bytes of a row: one fills most of a page. */
export const ROW_BYTES = 3000;

/** Where little is read, that nothing can be said is right, too. */
const NOTHING = { workloads: ["no change", "not enough data"], incident: false } as const;

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
