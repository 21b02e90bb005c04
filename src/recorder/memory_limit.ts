/**
 * How much memory the Flight Recorder takes unless it is told.
 *
 * @module
 */
import { type Mount, parseMountinfo } from "../syscall/files/mountinfo.ts";

const WITHOUT_LIMIT = 64 * 1024 * 1024;

/** Reads a file and throws if it cannot. */
export type ReadText = (path: string) => string;

/** One of the two kinds of hierarchy that limit memory; a hybrid host has both. */
interface Hierarchy {
  /** The line of `/proc/self/cgroup` that names the process's cgroup (`man 7 cgroups`). */
  readonly line: RegExp;
  /** The lines of `/proc/self/mountinfo` where it is mounted. */
  readonly mounted: RegExp;
  /** The limit of a cgroup. */
  readonly limitFile: string;
  /** A line of `memory.stat` with the limit of a cgroup and of all above it, also of those that no mount shows. */
  readonly tightest?: RegExp;
}

const HIERARCHIES: readonly Hierarchy[] = [
  { line: /^0::(\/.*)$/m, mounted: / - cgroup2 /, limitFile: "memory.max" },
  {
    line: /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(\/.*)$/m,
    mounted: / - cgroup \S+ (?:\S*,)?memory(?:,|$)/,
    limitFile: "memory.limit_in_bytes",
    tightest: /^hierarchical_memory_limit (\d+)$/m,
  },
];

/** v1 has no word for it: `PAGE_COUNTER_MAX` pages, which is just below 2^63 bytes. */
const UNLIMITED = 2n ** 62n;

/**
 * The memory that the Flight Recorder takes by default: 10 % of the process's cgroup memory limit, or
 * 64 MiB if there is none.
 *
 * @param readText reads a file and throws if it cannot; what cannot be read sets no limit
 * @returns bytes
 */
export function defaultMemoryLimit(readText: ReadText): number {
  const limit = cgroupMemoryLimit(readText);
  return limit === undefined ? WITHOUT_LIMIT : Number(limit / 10n);
}

/**
 * The lowest memory limit of the process's cgroups, v1 and v2, and of those above them, as all of them hold.
 *
 * @param readText reads a file and throws if it cannot; what cannot be read sets no limit
 * @returns bytes, or undefined if there is no limit
 */
export function cgroupMemoryLimit(readText: ReadText): bigint | undefined {
  const cgroups = readIfPossible(readText, "/proc/self/cgroup");
  const mountinfo = readIfPossible(readText, "/proc/self/mountinfo").split("\n");
  const limits = HIERARCHIES.flatMap((hierarchy) => {
    const path = hierarchy.line.exec(cgroups)?.[1];
    if (path === undefined) return [];
    const mounts = parseMountinfo(mountinfo.filter((line) => hierarchy.mounted.test(line)).join("\n"));
    return mounts.flatMap((mount) => limitsIn(hierarchy, mount, path, readText));
  });
  return limits.reduce<bigint | undefined>(
    (low, limit) => low === undefined || limit < low ? limit : low,
    undefined,
  );
}

/** The limits of a cgroup and of those above it, as far as a mount shows them. */
function limitsIn(
  { limitFile, tightest }: Hierarchy,
  mount: Mount,
  path: string,
  readText: ReadText,
): bigint[] {
  const names = namesBelow(mount.root, path);
  const directories = ["", ...names].map((_, depth) =>
    [mount.mountPoint, ...names.slice(0, depth)].join("/")
  );
  const texts = directories.flatMap((directory) => [
    readIfPossible(readText, `${directory}/${limitFile}`).trim(),
    tightest?.exec(readIfPossible(readText, `${directory}/memory.stat`))?.[1] ?? "",
  ]);
  return texts.filter((text) => /^\d+$/.test(text)).map(BigInt).filter((limit) => limit < UNLIMITED);
}

/**
 * The names on the way from the root of a mount to a cgroup.
 *
 * A cgroup that is not below it is that of a container whose mount is of its own cgroup and above, as after
 * `unshare --cgroup`, where the path starts with `/..`: the mount itself is all that can be looked at.
 */
function namesBelow(root: string, path: string): string[] {
  const base = root === "/" ? "" : root;
  if (path !== base && !path.startsWith(`${base}/`)) return [];
  const names = path.slice(base.length).split("/").filter((name) => name !== "");
  return names.includes("..") ? [] : names;
}

function readIfPossible(readText: ReadText, path: string): string {
  try {
    return readText(path);
  } catch {
    return "";
  }
}
