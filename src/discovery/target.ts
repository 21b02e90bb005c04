/** Who is watched: one process, by its cgroup where that can be told. @module */
import { type Mount, mountsOfType } from "../syscall/mountinfo.ts";
import {
  type Cgroup,
  cgroupExists,
  cgroupIsPopulated,
  type CgroupResolution,
  locateCgroup,
  pathBelow,
  resolveMembership,
} from "./cgroup.ts";
import { resolveCgroupPath } from "./cgroup_path.ts";
import { encodeCommPrefix } from "./comm_prefix.ts";
import { isRunning, listProcesses, parseCgroupMembership, type Process, readCgroupText } from "./proc.ts";

/** What to look for. */
export interface DiscoveryOptions {
  /** What the target's comm starts with, 1 to 15 bytes. */
  readonly commPrefix: string;
  /** The target's cgroup: absolute, or relative to the cgroup2 mount. By default that of the process found. */
  readonly cgroupPath?: string | undefined;
}

interface TargetBase {
  /** Other processes that matched, oldest first, for the log. */
  readonly others: readonly Process[];
  /** Why it is this target, or why there is no cgroup: a clause for the log. */
  readonly reason: string;
}

/** A target that the kernel can filter by its cgroup. */
export interface FullTarget extends TargetBase {
  readonly mode: "full";
  readonly cgroup: Cgroup;
  /** The process; with a configured cgroup, absent if none in it matches the prefix. */
  readonly process?: Process;
}

/** A target that only its comm tells from other processes. */
export interface DegradedTarget extends TargetBase {
  readonly mode: "degraded";
  readonly cgroup?: never;
  readonly process: Process;
}

/** What is to be watched. */
export type Target = FullTarget | DegradedTarget;

/** What a search found: a target, or why there is none. */
export type Discovery =
  | { readonly found: true; readonly target: Target }
  | { readonly found: false; readonly reason: string };

const OWN_CGROUP_REMEDY = "start it in a cgroup of its own, such as a systemd unit or a container";

/**
 * A cgroup that can be filtered by: the root cgroup would count every process of the machine, and one that
 * holds this process would count what the agent itself reads.
 */
function filterable(resolution: CgroupResolution, mounts: readonly Mount[]): CgroupResolution {
  const { cgroup } = resolution;
  if (cgroup === undefined) return resolution;
  if (cgroup.level === 0) {
    return { reason: `it is in the root cgroup, which holds every process; ${OWN_CGROUP_REMEDY}` };
  }
  if (isInside("self", cgroup, mounts)) {
    return { reason: `it shares ${cgroup.path} with the agent; ${OWN_CGROUP_REMEDY}` };
  }
  return resolution;
}

function describe(process: Process): string {
  return `process ${process.pid} (${process.comm})`;
}

function discoverByComm(
  commPrefix: string,
  candidates: readonly Process[],
  mounts: readonly Mount[],
): Discovery {
  for (const [index, process] of candidates.entries()) {
    const text = readCgroupText(process.pid);
    if (text === undefined) continue;
    const others = candidates.toSpliced(index, 1);
    const { cgroup, reason } = filterable(resolveMembership(parseCgroupMembership(text), mounts), mounts);
    const target: Target = cgroup === undefined
      ? { mode: "degraded", process, others, reason: `${describe(process)}: ${reason}` }
      : { mode: "full", process, cgroup, others, reason: `${describe(process)} is in ${cgroup.path}` };
    return { found: true, target };
  }
  return {
    found: false,
    reason: `no process in /proc has a comm that starts with ${JSON.stringify(commPrefix)}; ` +
      "start it, or in Kubernetes set shareProcessNamespace: true",
  };
}

function isInside(pid: number | "self", cgroup: Cgroup, mounts: readonly Mount[]): boolean {
  return isTextInside(readCgroupText(pid) ?? "", cgroup, mounts);
}

function isTextInside(cgroupText: string, cgroup: Cgroup, mounts: readonly Mount[]): boolean {
  const membership = parseCgroupMembership(cgroupText);
  if (membership === undefined) return false;
  return locateCgroup(mounts, membership.path).some(({ path }) => pathBelow(cgroup.path, path) !== undefined);
}

function discoverByCgroup(
  cgroupPath: string,
  candidates: readonly Process[],
  mounts: readonly Mount[],
): Discovery {
  const cgroup = resolveCgroupPath(cgroupPath, mounts);
  if (!cgroupIsPopulated(cgroup)) return { found: false, reason: `cgroup ${cgroup.path} holds no process` };
  const [process, ...others] = candidates.filter((candidate) => isInside(candidate.pid, cgroup, mounts));
  const reason = `cgroup_path is ${cgroupPath}`;
  const target: Target = process === undefined
    ? { mode: "full", cgroup, others, reason }
    : { mode: "full", cgroup, process, others, reason };
  return { found: true, target };
}

/**
 * Looks for the target once.
 *
 * With a configured cgroup that one is it, while a process is in it or below it; otherwise the oldest
 * process that matches, with its cgroup.
 *
 * @throws {RangeError} if the comm prefix cannot match
 * @throws {CgroupPathError} if the configured cgroup cannot be used
 * @throws {SyscallError} if `/proc` cannot be read
 */
export function discoverTarget({ commPrefix, cgroupPath }: DiscoveryOptions): Discovery {
  const candidates = listProcesses(encodeCommPrefix(commPrefix));
  const mounts = mountsOfType("cgroup2");
  return cgroupPath === undefined
    ? discoverByComm(commPrefix, candidates, mounts)
    : discoverByCgroup(cgroupPath, candidates, mounts);
}

/**
 * What has become of a target.
 *
 * - `running`: nothing has changed
 * - `stopped`: its process has ended or left the cgroup, which is still there or was never known: a new
 *   search may find the same cgroup again, and counters go on
 * - `gone`: its cgroup has been removed or made anew
 */
export type TargetState = "running" | "stopped" | "gone";

/**
 * The text of `/proc/<pid>/cgroup` by which the process of a target was in its cgroup: while it stays the same and
 * the cgroup is there, so is the process. The mounts, which take longer to read than all else, need no second look.
 */
const insideBy = new WeakMap<FullTarget, string>();

function isStillInside(target: FullTarget, pid: number): boolean {
  const text = readCgroupText(pid) ?? "";
  if (insideBy.get(target) === text) return true;
  if (!isTextInside(text, target.cgroup, mountsOfType("cgroup2"))) return false;
  insideBy.set(target, text);
  return true;
}

/** Looks at a target again. */
export function targetState(target: Target): TargetState {
  if (target.mode === "degraded") return isRunning(target.process) ? "running" : "stopped";
  const { process, cgroup } = target;
  if (!cgroupExists(cgroup)) return "gone";
  const isThere = process === undefined
    ? cgroupIsPopulated(cgroup)
    : isRunning(process) && isStillInside(target, process.pid);
  return isThere ? "running" : "stopped";
}
