/**
 * What the memory controller tells of a cgroup, of version 2 (`Documentation/admin-guide/cgroup-v2.rst`) or 1
 * (`cgroup-v1/memory.rst` there).
 *
 * @module
 */
import { type Labels, NO_LABELS, type Sample } from "../../metrics/mod.ts";
import { MEMORY_CURRENT, MEMORY_EVENTS, MEMORY_LIMIT } from "./metrics.ts";
import { parseNamed, parseOnly } from "./numbers.ts";

/** Reads a file; undefined if it is not there. */
export type ReadFile = (path: string) => string | undefined;

const EVENTS = ["low", "high", "max", "oom", "oom_kill", "oom_group_kill"] as const;

type MemoryEvent = typeof EVENTS[number];

/** One object a series, by which a recorder knows it again. */
const LABELS: ReadonlyMap<MemoryEvent, Labels> = new Map(EVENTS.map((event) => [event, { event }]));

/** How a version of the memory controller says it. */
export interface MemoryFiles {
  readonly version: 1 | 2;
  readonly current: string;
  readonly limit: string;
  /** What each event is in a file: by a name in it, or all of the file. */
  readonly events: readonly {
    readonly file: string;
    readonly names?: Readonly<Record<string, MemoryEvent>>;
  }[];
}

/** Version 2. */
export const MEMORY_V2: MemoryFiles = {
  version: 2,
  current: "memory.current",
  limit: "memory.max",
  events: [{
    file: "memory.events",
    names: Object.fromEntries(EVENTS.map((event) => [event, event])),
  }],
};

/** Version 1, as far as it means the same: `failcnt` counts how often the limit was met. */
export const MEMORY_V1: MemoryFiles = {
  version: 1,
  current: "memory.usage_in_bytes",
  limit: "memory.limit_in_bytes",
  events: [{ file: "memory.failcnt" }, { file: "memory.oom_control", names: { oom_kill: "oom_kill" } }],
};

/**
 * More than there is: version 1 says no limit by the largest multiple of a page (`PAGE_COUNTER_MAX`), version 2 by a
 * word.
 */
const NO_LIMIT = 1n << 62n;

/** More levels than any hierarchy has. */
const MOST_LEVELS = 64;

/**
 * The lowest limit on the way up, as far as that is visible.
 *
 * @param directory of the cgroup
 * @returns undefined if there is none
 */
export function lowestLimit({ limit }: MemoryFiles, directory: string, read: ReadFile): bigint | undefined {
  let lowest: bigint | undefined;
  let path = directory;
  for (let level = 0; level < MOST_LEVELS && path !== ""; level++) {
    const text = read(`${path}/${limit}`);
    // Above the mount, or the root of the hierarchy: it has no limit.
    if (text === undefined) break;
    const value = parseOnly(text);
    if (value !== undefined && value < NO_LIMIT && (lowest === undefined || value < lowest)) lowest = value;
    path = path.slice(0, path.lastIndexOf("/"));
  }
  return lowest;
}

function eventsOf({ events }: MemoryFiles, directory: string, read: ReadFile): Sample[] {
  const sample = (event: MemoryEvent, value: bigint | undefined): Sample[] =>
    value === undefined ? [] : [{ family: MEMORY_EVENTS, labels: LABELS.get(event)!, value }];
  return events.flatMap(({ file, names }) => {
    const text = read(`${directory}/${file}`);
    if (text === undefined) return [];
    if (names === undefined) return sample("max", parseOnly(text));
    const values = parseNamed(text);
    return Object.entries(names).flatMap(([name, event]) => sample(event, values.get(name)));
  });
}

/**
 * Makes the samples of a cgroup's memory; what cannot be read is left out.
 *
 * @param files the controller's version
 * @param directory of the cgroup
 */
export function memorySamples(files: MemoryFiles, directory: string, read: ReadFile): Sample[] {
  const current = parseOnly(read(`${directory}/${files.current}`) ?? "");
  const limit = lowestLimit(files, directory, read);
  return [
    ...current === undefined || current >= NO_LIMIT
      ? []
      : [{ family: MEMORY_CURRENT, labels: NO_LABELS, value: current }],
    ...limit === undefined ? [] : [{ family: MEMORY_LIMIT, labels: NO_LABELS, value: limit }],
    ...eventsOf(files, directory, read),
  ];
}
