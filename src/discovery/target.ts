/** Who is watched: one process, by its cgroup where that can be told. @module */
import { type Mount, mountsOfType } from "../syscall/files/mountinfo.ts";
import {
  type Cgroup,
  cgroupExists,
  cgroupIsPopulated,
  type HiddenCgroup,
  isHidden,
  type MountedCgroup,
  resolveMembership,
} from "./cgroup.ts";
import { resolveConfigured } from "./cgroup_path.ts";
import { encodeCommPrefix } from "./comm_prefix.ts";
import type { KernelProcess } from "./kernel_processes.ts";
import { describePlace, inFirstPlace, isInside, isTextInside, type Place } from "./place.ts";
import {
  isRunning,
  isSameProcess,
  listProcesses,
  parseCgroupMembership,
  type Process,
  readCgroupText,
  readComm,
} from "./proc.ts";

/** What to look for. */
export interface DiscoveryOptions {
  /** What the target's comm starts with, 1 to 15 bytes. */
  readonly commPrefix: string;
  /** The target's cgroup: absolute, or relative to the cgroup2 mount. By default that of the process found. */
  readonly cgroupPath?: string | undefined;
  /** The processes that match; those that `/proc` shows unless given. */
  readonly candidates?: readonly Process[];
  /** Lists the processes that match as the kernel knows them: it is asked only for what cannot be seen otherwise. */
  readonly askKernel?: () => readonly KernelProcess[];
  /** Where the target belongs, of one that has been there before. */
  readonly former?: Former | undefined;
}

/** Where a target that has ended is waited for. */
export interface Former {
  /** The first one that holds a process that matches is taken. */
  readonly places: readonly Place[];
  /** Whether a process elsewhere may be taken where they hold none. */
  readonly mayLeave: boolean;
  /** The process that was watched last: wherever it is, it is the target. */
  readonly process?: Process;
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

const OWN_CGROUP_REMEDY = "start it in a separate cgroup, such as a systemd unit or a container";

/** A cgroup, or why there is none that can be filtered by. */
type Filterable =
  | { readonly cgroup: Cgroup; readonly reason: string }
  | { readonly cgroup?: undefined; readonly reason: string };

/**
 * A cgroup that can be filtered by: the root cgroup would count every process of the machine, and one that
 * holds this process would count what the agent itself reads.
 */
function filterable(cgroup: Cgroup, holdsSelf: boolean, reason: string): Filterable {
  if (cgroup.level === 0) {
    return { reason: `it is in the root cgroup, which holds every process; ${OWN_CGROUP_REMEDY}` };
  }
  if (holdsSelf) {
    return { reason: `it shares ${cgroup.path ?? "its cgroup"} with the agent; ${OWN_CGROUP_REMEDY}` };
  }
  return { cgroup, reason };
}

/** A cgroup by its path, and by which of its threaded cgroups it was found. */
function domainOf({ path }: MountedCgroup, threaded: string | undefined): string {
  return threaded === undefined ? path : `${path}, the domain of the threaded cgroup ${threaded}`;
}

/** The cgroup of a process: by the path that `/proc` shows or, where that leads nowhere, as the kernel tells. */
function cgroupOf(
  process: Process,
  text: string,
  mounts: readonly Mount[],
  askKernel: DiscoveryOptions["askKernel"],
): Filterable {
  const { cgroup, threaded, reason } = resolveMembership(parseCgroupMembership(text), mounts);
  if (cgroup !== undefined) {
    return filterable(
      cgroup,
      isInside("self", cgroup.path, mounts),
      `it is in ${domainOf(cgroup, threaded)}`,
    );
  }
  const known = isHiddenProcess(process) ? process : askKernel?.().find((one) => isSame(one, process));
  if (known === undefined) return { reason };
  const { id, level, holdsSelf } = known.cgroup;
  return filterable({ id, level }, holdsSelf, `it is in cgroup ${id}, which no mount shows here`);
}

/** Whether a process is one that only the kernel lists: the PID namespace does not show it, nor does `/proc`. */
function isHiddenProcess(process: Process): process is KernelProcess {
  return process.pid === 0;
}

/** Without a pid it takes the cgroup to tell two processes that began at the same time. */
function isSame(one: KernelProcess, process: Process): boolean {
  return isSameProcess(one, process) &&
    (!isHiddenProcess(process) || one.cgroup.id === process.cgroup.id);
}

function describe(process: Process): string {
  return isHiddenProcess(process)
    ? `a process of the pod, in another PID namespace (${process.comm})`
    : `process ${process.pid} (${process.comm})`;
}

/** The processes of which the first is taken: those where the target belongs, and others only if it may leave. */
function eligible(
  { former }: DiscoveryOptions,
  processes: readonly Process[],
  mounts: readonly Mount[],
): readonly Process[] {
  if (former === undefined) return processes;
  const itself = processes.filter((process) => isSameProcess(process, former.process));
  if (itself.length > 0) return itself;
  const back = inFirstPlace(processes, former.places, mounts);
  return back.length === 0 && former.mayLeave ? processes : back;
}

function discoverByComm(
  options: DiscoveryOptions,
  processes: readonly Process[],
  mounts: readonly Mount[],
): Discovery | undefined {
  const { askKernel, former } = options;
  const candidates = eligible(options, processes, mounts);
  if (candidates.length === 0 && former !== undefined) {
    return { found: false, reason: elsewhere(former, processes) };
  }
  for (const process of candidates) {
    const text = readCgroupText(process.pid);
    // Ended meanwhile, or not ours to look at: then it is the kernel that listed it.
    if (text === undefined && !askKernel?.().some((one) => isSame(one, process))) continue;
    const others = processes.filter((other) => other !== process);
    const resolved = cgroupOf(process, text ?? "", mounts, askKernel);
    const reason = `${describe(process)}: ${resolved.reason}`;
    const target: Target = resolved.cgroup === undefined
      ? { mode: "degraded", process, others, reason }
      : { mode: "full", process, cgroup: resolved.cgroup, others, reason };
    return { found: true, target };
  }
  return undefined;
}

/** Why none of some processes is the target. */
function elsewhere({ places }: Former, [oldest]: readonly Process[]): string {
  const place = places.map(describePlace).join(" or ");
  return `waiting for it to return to ${place}; ${describe(oldest!)} has the same name and is elsewhere`;
}

/** Why there is no target; where there was one, no setting is wrong. */
function noTarget(commPrefix: string, former: Former | undefined): string {
  if (former !== undefined) {
    return `the target ended, and no process has a comm that starts with ${JSON.stringify(commPrefix)} now`;
  }
  return `no process in /proc has a comm that starts with ${JSON.stringify(commPrefix)}; ` +
    "start it, or in Kubernetes set shareProcessNamespace: true";
}

function discoverByCgroup(
  cgroupPath: string,
  candidates: readonly Process[],
  mounts: readonly Mount[],
): Discovery {
  const { cgroup, threaded } = resolveConfigured(cgroupPath, mounts);
  if (!cgroupIsPopulated(cgroup)) return { found: false, reason: `cgroup ${cgroup.path} holds no process` };
  const [process, ...others] = candidates.filter((candidate) => isInside(candidate.pid, cgroup.path, mounts));
  const reason = threaded === undefined
    ? `cgroup_path is ${cgroupPath}`
    : `cgroup_path is ${cgroupPath}: ${domainOf(cgroup, threaded)}`;
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
export function discoverTarget(options: DiscoveryOptions): Discovery {
  const { commPrefix, cgroupPath } = options;
  const prefix = encodeCommPrefix(commPrefix);
  const candidates = options.candidates ?? listProcesses(prefix);
  if (cgroupPath !== undefined) return discoverByCgroup(cgroupPath, candidates, mountsOfType("cgroup2"));
  // The mounts take longer to read than all else: not while there is nobody to look for in them.
  return (candidates.length > 0 ? discoverByComm(options, candidates, mountsOfType("cgroup2")) : undefined) ??
    { found: false, reason: noTarget(commPrefix, options.former) };
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
 * The text of `/proc/<pid>/cgroup` by which the process of a target was in this cgroup: while it stays the same and
 * the cgroup is there, so is the process. The mounts, which take longer to read than all else, need no second look.
 */
const insideBy = new WeakMap<Cgroup, string>();

function isStillInside(cgroup: MountedCgroup, pid: number): boolean {
  const text = readCgroupText(pid) ?? "";
  if (insideBy.get(cgroup) === text) return true;
  if (!isTextInside(text, cgroup.path, mountsOfType("cgroup2"))) return false;
  insideBy.set(cgroup, text);
  return true;
}

/** How to look at a target again. */
export interface LookOptions {
  /** Lists the processes that match as the kernel knows them: it is asked only for what cannot be seen otherwise. */
  readonly askKernel?: () => readonly KernelProcess[];
  /** Whether the target's process runs; `/proc` tells unless given. */
  readonly isRunning?: (process: Process) => boolean;
}

type Look = Required<LookOptions>;

/** Without a cgroup the comm is all there is: a process that has taken another is not counted any more. */
function isThereByComm(process: Process, { askKernel, isRunning }: Look): boolean {
  const comm = readComm(process.pid);
  // Ended, or not ours to look at.
  if (comm === undefined) return askKernel().some((one) => isSame(one, process));
  return comm === process.comm && isRunning(process);
}

/** In a cgroup that no mount shows; the kernel is asked again only if `/proc` has another text, or none. */
function isThereHidden(process: Process, cgroup: HiddenCgroup, { askKernel, isRunning }: Look): boolean {
  const text = readCgroupText(process.pid);
  if (text !== undefined && insideBy.get(cgroup) === text) return isRunning(process);
  const known = askKernel().find((one) => isSame(one, process));
  if (known?.cgroup.id !== cgroup.id) return false;
  if (text !== undefined) insideBy.set(cgroup, text);
  return true;
}

function isThereInside(process: Process | undefined, cgroup: MountedCgroup, { isRunning }: Look): boolean {
  if (process === undefined) return cgroupIsPopulated(cgroup);
  return isRunning(process) && isStillInside(cgroup, process.pid);
}

/**
 * Looks at a target again.
 *
 * @param target the target
 * @param options how
 */
export function targetState(target: Target, options: LookOptions = {}): TargetState {
  const look: Look = { askKernel: () => [], isRunning, ...options };
  const { process, cgroup } = target;
  if (cgroup === undefined) return isThereByComm(process, look) ? "running" : "stopped";
  if (isHidden(cgroup)) {
    return process !== undefined && isThereHidden(process, cgroup, look) ? "running" : "stopped";
  }
  if (!cgroupExists(cgroup)) return "gone";
  return isThereInside(process, cgroup, look) ? "running" : "stopped";
}
