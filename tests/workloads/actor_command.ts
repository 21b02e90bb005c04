/** How the processes of a scenario are started. Pure. @module */
import type { Actor } from "./actors.ts";

/** fio counts time by itself, makes no calls of its own while it runs, and gives the kernel no advice. */
const FIO = [
  "--name=actor",
  "--thread",
  "--ioengine=psync",
  "--bs=4k",
  "--invalidate=0",
  "--fadvise_hint=0",
  "--norandommap",
  "--time_based",
  "--runtime=600",
  "--disk_util=0",
  "--log_unix_epoch=1",
  "--disable_slat=1",
  "--disable_lat=1",
  "--output=/dev/null",
];

/** Where a process finds things. */
export interface Paths {
  /** The folder of the files that are read. */
  readonly folder: string;
  /** Where it writes how long its reads took: what the names of such files begin with. */
  readonly log: string;
}

/** The arguments of an actor that is fio. */
export function fioArguments({ file, perSecond, options = [] }: Actor, { folder, log }: Paths): string[] {
  return [
    ...FIO,
    `--filename=${file.startsWith("/") ? file : `${folder}/${file}`}`,
    `--write_lat_log=${log}`,
    ...perSecond === undefined ? [] : [`--rate_iops=${Math.max(1, Math.round(perSecond))}`],
    ...options,
  ];
}

/** Queries between two pauses of sqlite, which can only pause by starting a program. */
const QUERIES_AT_ONCE = 5;

/** More than a run takes. */
const PAUSES = 1200;

/** Each key comes once before any comes again, and neighbours are far from each other. */
const STRIDE = 7919;

/** A row's length, after milliseconds since the epoch, by which the time that sqlite then prints is dated. */
function query(key: number): string {
  const now = "cast((julianday('now') - 2440587.5) * 86400000 as integer)";
  return `select ${now}, length(content) from rows where id = ${key};`;
}

/**
 * What an actor that is sqlite is told. It is in a file: a read of a pipe would take as long as nobody writes.
 *
 * @param actor how many keys it looks up, and how often
 */
export function sqliteScript({ keys = 1, perSecond = 1 }: Actor): string {
  const pause = (QUERIES_AT_ONCE / perSecond).toFixed(3);
  const rounds = Array.from({ length: PAUSES }, (_, round) => {
    const indices = Array.from({ length: QUERIES_AT_ONCE }, (_, index) => round * QUERIES_AT_ONCE + index);
    return [...indices.map((index) => query(1 + STRIDE * index % keys)), `.shell sleep ${pause}`];
  });
  return ["pragma cache_size = 8;", ".timer on", ...rounds.flat(), ""].join("\n");
}
