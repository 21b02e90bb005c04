/** The processes that scenarios are made of, as data. @module */

/** What is usually cached, and how much of it is read unless a scenario says otherwise. */
export const HOT = "hot";
export const HOT_FILE_MB = 24;
const HOT_MB = 4;

/** What is not. */
export const COLD = "cold";
export const COLD_MB = 128;

/** What sqlite reads: how many rows there are, how many of them are hot, and the bytes of each, which are most of a page. */
export const DATABASE = "database";
export const ROWS = 16_000;
export const HOT_ROWS = 200;
export const ROW_BYTES = 3000;

/** What is written there is gone. */
export const NOWHERE = "/dev/null";

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

/** Reads of the database's usual size from the hot set, all of it cached before the start. */
export function reader(perSecond: number, megabytes = HOT_MB): Actor {
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
export function scan(perSecond: number, offsetMb = 0): Actor {
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
export function coldReads(perSecond: number): Actor {
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
export function saturate(requests: number): Actor {
  const options = ["--rw=randread", "--direct=1", `--numjobs=${Math.round(requests)}`];
  return { role: "neighbour", place: "neighbour", program: "fio", file: COLD, options };
}

/** Compaction that takes the disk for itself: pieces of parts in order, as fast as they come. */
export function compaction(threads: number): Actor {
  const options = ["--rw=randread:8", "--ioengine=sync", "--bs=16k", `--numjobs=${Math.round(threads)}`];
  return { role: "merge", place: "target", program: "fio", file: COLD, options };
}

/** Tells the kernel to drop the hot set, again and again. */
export function evictor(perSecond: number): Actor {
  return { role: "evict", place: "target", program: "evictor", file: HOT, perSecond };
}

/** Keeps and fills memory. */
export function allocator(megabytes: number): Actor {
  const size = `${Math.round(megabytes)}m`;
  const options = ["--rw=write", "--ioengine=sync", `--bs=${size}`, `--size=${size}`, "--zero_buffers=1"];
  return { role: "alloc", place: "target", program: "fio", file: NOWHERE, perSecond: 1, options };
}

/** Looks up rows by their keys. */
export function lookups(keys: number, perSecond: number): Actor {
  return { role: "sql", place: "target", program: "sqlite", file: DATABASE, keys, perSecond };
}
