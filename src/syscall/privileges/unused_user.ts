/** A user id that no process has. @module */
import { readDirectory, readTextFile } from "../files/file.ts";

interface Range {
  readonly first: number;
  readonly count: number;
}

/**
 * Ids that no distribution, login tool or container runtime gives away, the largest range first.
 *
 * Source: `docs/UIDS-GIDS.md` of systemd.
 */
const FREE: readonly Range[] = [
  { first: 0x7000_0000, count: 0x0ffe_0000 },
  { first: 60_706, count: 478 },
];

/** Among so many a drawn id is taken once in 33,000 times on a machine with 4,000 users. */
const MANY = 2 ** 27;

const NOBODY = 65_534;

/** The ids inside of `/proc/self/uid_map`; any other is unknown to this user namespace, and refused. */
function mappedRanges(map: string): Range[] {
  return map.trim().split("\n").map((line) => {
    const [first, , count] = line.trim().split(/\s+/).map(Number);
    return { first: first!, count: count! };
  });
}

function overlap(a: Range, b: Range): Range {
  const first = Math.max(a.first, b.first);
  return { first, count: Math.min(a.first + a.count, b.first + b.count) - first };
}

/** The ranges to draw from: of those that are free everywhere what is mapped, then all that is mapped. */
function candidates(map: string): Range[] {
  const mapped = mappedRanges(map);
  return [...FREE.flatMap((free) => mapped.map((range) => overlap(free, range))), ...mapped]
    .filter(({ count }) => count > 0);
}

/** The ids of the machine's list of users, and those that processes run under. */
export function usedIds(): ReadonlySet<number> {
  const used = new Set([0, NOBODY]);
  const add = (path: string, pattern: RegExp) => {
    try {
      for (const [, ...ids] of readTextFile(path).matchAll(pattern)) {
        for (const id of ids) used.add(Number(id));
      }
    } catch {
      // No such list, or the process has ended.
    }
  };
  add("/etc/passwd", /^[^:]*:[^:]*:(\d+):/gm);
  for (const pid of readDirectory("/proc").filter((name) => /^\d+$/.test(name))) {
    add(`/proc/${pid}/status`, /^Uid:\t(\d+)\t(\d+)\t(\d+)\t/gm);
  }
  return used;
}

/**
 * Draws a user id that no process has, so that no process may send signals to threads that have it.
 *
 * @param map the text of `/proc/self/uid_map`
 * @param used gives the ids that are taken; asked only where there are few to draw from, as it reads all of `/proc`
 * @param random a number from 0 up to 1
 * @returns undefined if this user namespace has no other id
 */
export function unusedUser(
  map: string,
  used: () => ReadonlySet<number> = usedIds,
  random: () => number = Math.random,
): number | undefined {
  let taken: ReadonlySet<number> | undefined;
  for (const { first, count } of candidates(map)) {
    const start = Math.floor(random() * count);
    if (count >= MANY) return first + start;
    taken ??= used();
    for (let step = 0; step < count; step++) {
      const id = first + (start + step) % count;
      if (!taken.has(id)) return id;
    }
  }
  return undefined;
}
