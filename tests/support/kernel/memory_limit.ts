/** A memory limit for processes of a test, by cgroup v2 or v1, and what that cgroup says of its reclaim. @module */
import { mountsOfType } from "../../../src/syscall/mod.ts";
import type { Stage } from "../stage.ts";
import { until } from "../until.ts";
import { removeCgroup } from "./cgroup.ts";

/** At least and at most. */
export type Range = readonly [least: number, most: number];

/** What the cgroup's own statistics say since they were asked last. */
export interface Reclaimed {
  /** Entries into reclaim. */
  readonly entries: Range;
  /** Pages scanned, if the cgroup tells. */
  readonly scanned: Range;
  /** Pages reclaimed, if the cgroup tells. */
  readonly reclaimed: Range;
  /** Folios added to the page cache, and removed from it, if the cgroup tells. */
  readonly adds: Range;
  readonly deletes: Range;
}

/** A cgroup with a limit. */
export interface MemoryLimit extends AsyncDisposable {
  /** Where a process enters it. */
  readonly procs: string;
  since(): Promise<Reclaimed>;
}

function numberIn(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1]);
}

/** Numbers by name. */
type Counts = Readonly<Record<string, number>>;

/** What counts have grown by since this was asked last, once two readings of them are the same. */
function growth(read: () => Counts): () => Promise<Counts> {
  let before = read();
  return async () => {
    let last: Counts = {};
    // The statistics are brought up to date every two seconds at the latest: FLUSH_TIME in mm/memcontrol.c.
    const now = await until("rest of the cgroup's statistics", () => {
      const now = read();
      const isSettled = Object.entries(now).every(([name, count]) => last[name] === count);
      last = now;
      return isSettled && now;
    });
    const grown = Object.entries(now).map(([name, count]) => [name, count - before[name]!] as const);
    before = now;
    return Object.fromEntries(grown);
  };
}

/**
 * A charge that meets the limit is an event and then reclaims, unless it is one of the few that may not wait:
 * try_charge_memcg() in mm/memcontrol.c.
 */
const UNWAITING_SHARE = 0.1;

const UNKNOWN: Range = [0, Number.MAX_SAFE_INTEGER];

/** The stage's own cgroup, which the watched processes are in already. */
function limitV2(cgroup: string, bytes: number): MemoryLimit {
  Deno.writeTextFileSync(`${cgroup}/memory.max`, String(bytes));
  const grown = growth(() => {
    const stat = Deno.readTextFileSync(`${cgroup}/memory.stat`);
    return {
      max: numberIn(Deno.readTextFileSync(`${cgroup}/memory.events`), "max"),
      pgscan: numberIn(stat, "pgscan"),
      pgsteal: numberIn(stat, "pgsteal"),
    };
  });
  return {
    procs: `${cgroup}/cgroup.procs`,
    since: async () => {
      const { max, pgscan, pgsteal } = await grown();
      return {
        entries: [max! - Math.ceil(max! * UNWAITING_SHARE), max!],
        scanned: [pgscan!, pgscan!],
        reclaimed: [pgsteal!, pgsteal!],
        adds: UNKNOWN,
        deletes: UNKNOWN,
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(Deno.writeTextFileSync(`${cgroup}/memory.max`, "max")),
  };
}

/** Pages of a small process that are not in a file: they are charged and given back beside the folios that are. */
const OWN_PAGES = 256;

function limitV1(cgroup: string, bytes: number): MemoryLimit {
  Deno.mkdirSync(cgroup);
  Deno.writeTextFileSync(`${cgroup}/memory.limit_in_bytes`, String(bytes));
  const grown = growth(() => {
    const stat = Deno.readTextFileSync(`${cgroup}/memory.stat`);
    return {
      failcnt: Number(Deno.readTextFileSync(`${cgroup}/memory.failcnt`)),
      pgpgin: numberIn(stat, "pgpgin"),
      pgpgout: numberIn(stat, "pgpgout"),
    };
  });
  return {
    procs: `${cgroup}/cgroup.procs`,
    since: async () => {
      const { failcnt, pgpgin, pgpgout } = await grown();
      return {
        // A batch of pages that does not fit is tried again as a single page before anything is reclaimed.
        entries: [Math.min(1, failcnt!), failcnt!],
        scanned: UNKNOWN,
        reclaimed: UNKNOWN,
        adds: [pgpgin! - OWN_PAGES, pgpgin!],
        deletes: [pgpgout! - OWN_PAGES, pgpgout!],
      };
    },
    [Symbol.asyncDispose]: () => removeCgroup(cgroup),
  };
}

/**
 * Limits the memory of the stage's processes.
 *
 * @returns undefined if no memory controller is mounted
 */
export function limitMemory({ cgroup, prefix }: Stage, bytes: number): MemoryLimit | undefined {
  const exists = (path: string) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  };
  if (exists(`${cgroup}/memory.max`)) return limitV2(cgroup, bytes);
  const v1 = mountsOfType("cgroup").find(({ mountPoint }) => exists(`${mountPoint}/memory.failcnt`));
  return v1 === undefined ? undefined : limitV1(`${v1.mountPoint}/ktm-test-${prefix}`, bytes);
}

/** False where the multi-generational LRU is in use, whose tracepoint tells of pages that it passes over, too. */
export function scansAreExact(): boolean {
  try {
    return Deno.readTextFileSync("/sys/kernel/mm/lru_gen/enabled").trim() === "0x0000";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}
