/** What reads look like in each workload, for tests. @module */
import type { Explanation } from "./explanation.ts";
import type { Second } from "./testing_window.ts";

/** Cached reads: 2 to 8 us. */
export const CACHED = { 1: 300, 2: 190, 3: 10 };
/** A tenth of them waits for a disk: 4 to 8 ms. */
export const SLOW = { 1: 270, 2: 171, 3: 9, 13: 50 };

export const QUIET: Second = { pread: CACHED };

export const SCAN = { adds: 40, addedPages: 1280, misses: 1 };
const RECLAIM = { memcg: 20, scanned: 900, reclaimed: 800, deletes: 800, memcgStall: 5e6 };
export const EVICTION = { dontneed: 4, advised: 4, deletes: 60, adds: 60, addedPages: 60, misses: 50 };

export interface Case {
  readonly name: string;
  readonly after: Second;
  readonly workload: Explanation["workload"];
  readonly incident: boolean;
}

export const CASES: readonly Case[] = [
  { name: "nothing", after: QUIET, workload: "no change", incident: false },
  { name: "a scan", after: { pread: CACHED, events: SCAN }, workload: "W1", incident: false },
  {
    name: "a scan with reclaim",
    after: { pread: CACHED, events: { ...SCAN, ...RECLAIM } },
    workload: "W2",
    incident: false,
  },
  {
    name: "eviction and slow reads",
    after: { pread: SLOW, events: EVICTION },
    workload: "W3",
    incident: true,
  },
  {
    name: "slow reads of what is not cached",
    after: { pread: SLOW, events: { adds: 60, addedPages: 60, misses: 50 } },
    workload: "W4",
    incident: true,
  },
  {
    name: "slow reads while memory is short",
    after: { pread: SLOW, events: { ...RECLAIM, adds: 60, addedPages: 60 } },
    workload: "W5",
    incident: true,
  },
  {
    name: "direct reclaim of the machine",
    after: { pread: SLOW, events: { direct: 5, scanned: 500, reclaimed: 400, addedPages: 60 } },
    workload: "W5",
    incident: true,
  },
  { name: "slow reads and nothing else", after: { pread: SLOW }, workload: "unexplained", incident: true },
  {
    name: "eviction that costs nothing",
    after: { pread: CACHED, events: EVICTION },
    workload: "W1",
    incident: false,
  },
];
