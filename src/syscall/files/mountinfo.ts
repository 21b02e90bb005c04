/** Which file systems are mounted where, as this process sees it. @module */
import { readTextFile } from "./file.ts";

/** One line of `/proc/self/mountinfo` (`man 5 proc_pid_mountinfo`). */
export interface Mount {
  readonly id: number;
  /** The mount that this one is mounted on. */
  readonly parentId: number;
  /** The directory of the file system that is visible at the mount point; not `/` for a bind mount. */
  readonly root: string;
  readonly mountPoint: string;
  readonly fsType: string;
}

/** Undoes the kernel's `mangle_path()`: space, tab, newline, backslash and `#` are octal escapes. */
function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}

function parseLine(line: string): Mount {
  const [mount = "", fileSystem = ""] = line.split(" - ");
  const [id, parentId, _device, root, mountPoint] = mount.split(" ");
  const [fsType] = fileSystem.split(" ");
  if (mountPoint === undefined || root === undefined || !fsType) {
    throw new SyntaxError(`Cannot parse mountinfo line ${JSON.stringify(line)}: fields are missing`);
  }
  return {
    id: Number(id),
    parentId: Number(parentId),
    root: unescapePath(root),
    mountPoint: unescapePath(mountPoint),
    fsType: unescapePath(fsType),
  };
}

/**
 * Parses the text of `/proc/<pid>/mountinfo`.
 *
 * @returns all mounts in the file's order, also those that another mount hides
 * @throws {SyntaxError} if a line lacks the fields that every kernel writes
 */
export function parseMountinfo(text: string): Mount[] {
  return text.split("\n").filter((line) => line !== "").map(parseLine);
}

function isAbove(directory: string, path: string): boolean {
  return directory !== path && path.startsWith(directory.endsWith("/") ? directory : `${directory}/`);
}

/**
 * The mounts that a path can reach.
 *
 * The order of lines does not tell which of two mounts is on top (an initial RAM disk moves `/proc` and
 * `/sys` onto a root that was mounted later), the parents do: a mount is hidden by one on its own mount
 * point, and by a sibling mounted over a directory on the way to it or to a parent.
 */
export function reachableMounts(mounts: readonly Mount[]): Mount[] {
  const byId = new Map(mounts.map((mount) => [mount.id, mount]));
  const siblings = Map.groupBy(mounts, (mount) => mount.parentId);

  function isCovered(mount: Mount): boolean {
    return siblings.get(mount.id)?.some((child) =>
      child.id !== mount.id && child.mountPoint === mount.mountPoint
    ) ?? false;
  }

  function isCutOff(mount: Mount): boolean {
    const beside = siblings.get(mount.parentId) ?? [];
    if (
      beside.some((sibling) => isAbove(sibling.mountPoint, mount.mountPoint) && sibling.id !== mount.parentId)
    ) {
      return true;
    }
    const parent = byId.get(mount.parentId);
    return parent !== undefined && parent !== mount && isCutOff(parent);
  }

  return mounts.filter((mount) => !isCovered(mount) && !isCutOff(mount));
}

/**
 * The reachable mounts of one file system type, such as `cgroup2` or `tracefs`.
 *
 * @param fsType the type as `mount -t` takes it
 * @param readText how to read a file; only tests replace it
 * @throws {SyscallError} if `/proc` is not mounted
 */
export function mountsOfType(fsType: string, readText: (path: string) => string = readTextFile): Mount[] {
  const text = readText("/proc/self/mountinfo");
  if (!text.includes(` - ${fsType} `)) return [];
  const mounts = reachableMounts(parseMountinfo(text));
  return mounts.filter((mount) => mount.fsType === fsType);
}
