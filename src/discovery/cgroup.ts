/**
 * Cgroup v2 directories: where they are, their ids and how deep they lie.
 *
 * The kernel names a cgroup by a path from the root of the reader's cgroup namespace; what can be opened
 * is a path below a mount, which may show only a part of the hierarchy.
 *
 * @module
 */
import type { Mount } from "../syscall/files/mountinfo.ts";
import { Errno, isErrno, readTextFile, stat, SyscallError } from "../syscall/mod.ts";
import type { CgroupMembership } from "./proc.ts";

interface CgroupBase {
  /** What `bpf_get_current_cgroup_id()` returns in it: the inode number of the directory. */
  readonly id: bigint;
  /** Depth below the root of the hierarchy, whose level is 0: where it is among a task's ancestors. */
  readonly level: number;
}

/** A cgroup that a mount shows. */
export interface MountedCgroup extends CgroupBase {
  /** Its directory, absolute and without symbolic links. */
  readonly path: string;
}

/** A cgroup that no mount shows: only the kernel tells of it. */
export interface HiddenCgroup extends CgroupBase {
  readonly path?: undefined;
}

/** A cgroup v2 as the filter in the kernel wants it. */
export type Cgroup = MountedCgroup | HiddenCgroup;

/** Whether no mount shows a cgroup. */
export function isHidden(cgroup: Cgroup): cgroup is HiddenCgroup {
  return cgroup.path === undefined;
}

/** A cgroup, or why there is none. */
export type CgroupResolution =
  | {
    readonly cgroup: MountedCgroup;
    /** The directory of the threaded cgroup whose domain it is, if it was asked for by that. */
    readonly threaded?: string | undefined;
    readonly reason?: never;
  }
  | { readonly cgroup?: never; readonly threaded?: never; readonly reason: string };

/** Why nothing can be resolved without a mount, and the remedy. */
export const NO_CGROUP2_MOUNT =
  "no cgroup2 file system is mounted here; boot with cgroup v2, or mount the host's /sys/fs/cgroup";

/** What helps where a container sees only its own part of the hierarchy. */
const HOST_REMEDY =
  "mount the host's /sys/fs/cgroup for the agent and set collector.ebpf.cgroup_path below it";

/** Id of the root: the first node of a kernfs has inode number 1 (`kernfs_create_root()` in `fs/kernfs/dir.c`). */
const ROOT_CGROUP_ID = 1n;

/** `PROC_CGROUP_INIT_INO` in `include/linux/proc_ns.h`. */
const PROC_CGROUP_INIT_INO = 0xeffffffbn;

function components(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** The path of what lies below a directory. */
export function join(directory: string, names: readonly string[]): string {
  return names.length === 0 ? directory : `${directory === "/" ? "" : directory}/${names.join("/")}`;
}

/**
 * The components that lead from `root` down to `path`, or `undefined` if `path` is not below it.
 *
 * Both are as the kernel prints them: in a cgroup namespace they may start with `/..`, once for each level
 * above the namespace's root. Which names lie between such a level and the root is not told.
 */
export function pathBelow(root: string, path: string): string[] | undefined {
  const above = components(root);
  const names = components(path);
  const rest = names.slice(above.length);
  return above.every((name, index) => name === names[index]) && !rest.includes("..") ? rest : undefined;
}

/** Where a cgroup can be seen. */
export interface CgroupLocation {
  readonly mount: Mount;
  /** The components from the mount point down. */
  readonly names: readonly string[];
  /** The directory. */
  readonly path: string;
}

/**
 * The directories in which the mounts show a cgroup; none if they don't.
 *
 * @param mounts the cgroup2 mounts
 * @param cgroupPath the cgroup as `/proc/<pid>/cgroup` names it
 */
export function locateCgroup(mounts: readonly Mount[], cgroupPath: string): CgroupLocation[] {
  return mounts.flatMap((mount) => {
    const names = pathBelow(mount.root, cgroupPath);
    return names === undefined ? [] : [{ mount, names, path: join(mount.mountPoint, names) }];
  });
}

/**
 * How deep a mount's root lies below the root of the hierarchy, or `undefined` if a cgroup namespace hides that.
 *
 * @param mount the mount
 * @param id the inode number of its mount point
 * @param namespace the inode number of the reader's cgroup namespace
 */
export function mountLevel(mount: Mount, id: bigint, namespace: bigint): number | undefined {
  if (id === ROOT_CGROUP_ID) return 0;
  return namespace === PROC_CGROUP_INIT_INO ? components(mount.root).length : undefined;
}

/** Whether the threads of one process may be in different cgroups there: `cgroup.type`, from 4.14 on, of all but the root. */
function isThreaded(path: string): boolean {
  try {
    return readTextFile(`${path}/cgroup.type`).trimEnd() === "threaded";
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return false;
    throw error;
  }
}

/**
 * The components that lead to the threaded domain of a cgroup, or `undefined` if the mount does not show that.
 *
 * A process belongs to a domain; its threads may be in threaded cgroups below it, each in another one
 * (`Documentation/admin-guide/cgroup-v2.rst`, Threads).
 */
function domainNames(mount: Mount, names: readonly string[]): readonly string[] | undefined {
  for (let length = names.length; length >= 0; length--) {
    const candidate = names.slice(0, length);
    if (!isThreaded(join(mount.mountPoint, candidate))) return candidate;
  }
  return undefined;
}

/**
 * Resolves the cgroup that a mount shows: of a threaded cgroup its domain.
 *
 * @param mount the mount
 * @param names the components from its mount point down
 * @throws {SyscallError} if the directory does not exist
 */
export function resolveDirectory(mount: Mount, names: readonly string[]): CgroupResolution {
  const top = mountLevel(mount, stat(mount.mountPoint).inode, stat("/proc/self/ns/cgroup").inode);
  const path = join(mount.mountPoint, names);
  if (top === undefined) {
    return {
      reason: `a cgroup namespace hides how deep ${path} lies; ${HOST_REMEDY}`,
    };
  }
  const asked = stat(path).inode;
  const domain = domainNames(mount, names);
  if (domain === undefined) {
    return { reason: `${path} is threaded, and its domain is above what is mounted; ${HOST_REMEDY}` };
  }
  const level = top + domain.length;
  if (domain.length === names.length) return { cgroup: { path, id: asked, level } };
  const domainPath = join(mount.mountPoint, domain);
  return { cgroup: { path: domainPath, id: stat(domainPath).inode, level }, threaded: path };
}

/**
 * Resolves the cgroup of a process.
 *
 * @param membership what `/proc/<pid>/cgroup` says
 * @param mounts the cgroup2 mounts
 */
export function resolveMembership(
  membership: CgroupMembership | undefined,
  mounts: readonly Mount[],
): CgroupResolution {
  if (membership === undefined) return { reason: "this kernel runs cgroup v1 only; boot with cgroup v2" };
  if (membership.isDeleted) return { reason: `cgroup ${membership.path} has been removed` };
  if (mounts.length === 0) return { reason: NO_CGROUP2_MOUNT };
  const [located] = locateCgroup(mounts, membership.path);
  if (located === undefined) {
    const shown = mounts.map((mount) => `${mount.mountPoint} (root ${mount.root})`).join(", ");
    return {
      reason: `cgroup ${membership.path} is outside of what is mounted at ${shown}; ${HOST_REMEDY}`,
    };
  }
  try {
    return resolveDirectory(located.mount, located.names);
  } catch (error) {
    if (error instanceof SyscallError) return { reason: error.message };
    throw error;
  }
}

/** True while the directory of the cgroup is there and is still the same cgroup. */
export function cgroupExists(cgroup: MountedCgroup): boolean {
  try {
    return stat(cgroup.path).inode === cgroup.id;
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return false;
    throw error;
  }
}

/** True if a process is in the cgroup or below it: `cgroup.events`, which every cgroup but the root has. */
export function cgroupIsPopulated(cgroup: MountedCgroup): boolean {
  try {
    return readTextFile(`${cgroup.path}/cgroup.events`).split("\n").includes("populated 1");
  } catch (error) {
    // The cgroup was removed before the open, or between it and the read.
    if (isErrno(error, Errno.ENOENT, Errno.ENODEV)) return false;
    throw error;
  }
}
