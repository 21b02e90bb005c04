/** The configured cgroup, `collector.ebpf.cgroup_path`. @module */
import type { Mount } from "../syscall/files/mountinfo.ts";
import { fileSystemMagic, FsMagic, openFile, readLink, stat, SyscallError } from "../syscall/mod.ts";
import { join, type MountedCgroup, NO_CGROUP2_MOUNT, pathBelow, resolveDirectory } from "./cgroup.ts";

/** A configured cgroup path that is not a usable cgroup v2 directory. */
export class CgroupPathError extends Error {
  override readonly name = "CgroupPathError";
  /** The path as it was configured. */
  readonly path: string;

  /** @param reason what is wrong with the path, and the remedy */
  constructor(path: string, reason: string) {
    super(`Cannot use cgroup_path ${path}: ${reason}`);
    this.path = path;
  }
}

/** What is wrong with a path, by the error that `stat(2)` gives. */
const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "it does not exist",
  ENOTDIR: "one of its parents is not a directory",
};

function pathFault(path: string): string | undefined {
  try {
    if (stat(path).kind !== "directory") return "it is not a directory";
    if (fileSystemMagic(path) !== FsMagic.CGROUP2) return "it is not on a cgroup2 file system";
    return undefined;
  } catch (error) {
    if (error instanceof SyscallError) return FAULTS[error.code] ?? error.message;
    throw error;
  }
}

/** The absolute path of a directory without symbolic links and `..`, so that its components can be counted. */
function canonicalPath(path: string): string {
  using directory = openFile(path);
  return readLink(`/proc/self/fd/${directory.number}`);
}

/** The innermost mount that holds a canonical path. */
function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts
    .filter((mount) => pathBelow(mount.mountPoint, path) !== undefined)
    .sort((a, b) => b.mountPoint.length - a.mountPoint.length)[0];
}

/** The cgroup that a configured path stands for. */
export interface ConfiguredCgroup {
  readonly cgroup: MountedCgroup;
  /** The directory that the path names, if that is a threaded cgroup, which stands for its domain. */
  readonly threaded?: string | undefined;
}

/**
 * Resolves a configured cgroup path.
 *
 * @param cgroupPath absolute, or relative to the cgroup2 mount
 * @param mounts the cgroup2 mounts
 * @throws {CgroupPathError} if it is no cgroup v2 directory, or one that cannot be filtered by
 */
export function resolveConfigured(cgroupPath: string, mounts: readonly Mount[]): ConfiguredCgroup {
  const [first] = mounts;
  if (first === undefined) throw new CgroupPathError(cgroupPath, NO_CGROUP2_MOUNT);
  const absolute = cgroupPath.startsWith("/") ? cgroupPath : join(first.mountPoint, [cgroupPath]);
  const remedy = `name a directory below ${first.mountPoint}`;
  const fault = pathFault(absolute);
  if (fault !== undefined) throw new CgroupPathError(cgroupPath, `${fault}; ${remedy}`);

  const canonical = canonicalPath(absolute);
  const mount = mountOf(mounts, canonical);
  if (mount === undefined) throw new CgroupPathError(cgroupPath, `${canonical} is below no mount; ${remedy}`);
  const resolution = resolveDirectory(mount, pathBelow(mount.mountPoint, canonical) ?? []);
  if (resolution.cgroup === undefined) throw new CgroupPathError(cgroupPath, resolution.reason);
  if (resolution.cgroup.level === 0) {
    const whose = resolution.threaded === undefined ? "it is" : "it is threaded, and its domain is";
    throw new CgroupPathError(cgroupPath, `${whose} the root cgroup, which holds every process; ${remedy}`);
  }
  return resolution;
}

/** As {@linkcode resolveConfigured}, the cgroup alone. */
export function resolveCgroupPath(cgroupPath: string, mounts: readonly Mount[]): MountedCgroup {
  return resolveConfigured(cgroupPath, mounts).cgroup;
}
