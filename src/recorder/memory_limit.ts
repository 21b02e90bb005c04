/**
 * How much memory the Flight Recorder takes unless it is told.
 *
 * @module
 */

const WITHOUT_LIMIT = 64 * 1024 * 1024;

const CGROUP_MOUNT = "/sys/fs/cgroup";

/**
 * The memory that the Flight Recorder takes by default: 10 % of the process's cgroup memory limit, or
 * 64 MiB if there is none.
 *
 * @param readText reads a file and throws if it cannot; what cannot be read sets no limit
 * @returns bytes
 */
export function defaultMemoryLimit(readText: (path: string) => string): number {
  const limit = cgroupMemoryLimit(readText);
  return limit === undefined ? WITHOUT_LIMIT : Number(limit / 10n);
}

/**
 * The lowest `memory.max` of the process's cgroup v2 and of those above it, as all of them hold.
 *
 * @param readText reads a file and throws if it cannot; what cannot be read sets no limit
 * @returns bytes, or undefined if there is no limit
 */
export function cgroupMemoryLimit(readText: (path: string) => string): bigint | undefined {
  const path = readIfPossible(readText, "/proc/self/cgroup")?.match(/^0::\/(.*)$/m)?.[1];
  if (path === undefined) return undefined;
  let lowest: bigint | undefined;
  for (let directory = `${CGROUP_MOUNT}/${path}`; directory.startsWith(CGROUP_MOUNT);) {
    const text = readIfPossible(readText, `${directory}/memory.max`)?.trim() ?? "max";
    if (/^\d+$/.test(text) && (lowest === undefined || BigInt(text) < lowest)) lowest = BigInt(text);
    directory = directory.slice(0, directory.lastIndexOf("/"));
  }
  return lowest;
}

function readIfPossible(readText: (path: string) => string, path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}
