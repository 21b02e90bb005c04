/**
 * Places: where a target that has ended is waited for, because its next process comes back there.
 *
 * @module
 */
import { type Mount, mountsOfType } from "../syscall/files/mountinfo.ts";
import { Errno, isErrno, stat } from "../syscall/mod.ts";
import { type Cgroup, locateCgroup, pathBelow } from "./cgroup.ts";
import { isPodName } from "./pod.ts";
import { parseCgroupMembership, type Process, readCgroupText } from "./proc.ts";

/** Where a target belongs. */
export type Place =
  /** A pod, unit, scope or another cgroup, by its directory; a unit goes on where its cgroup is removed. */
  | { readonly kind: "pod" | "unit" | "scope" | "cgroup"; readonly path: string }
  /** What `/proc/<pid>/cgroup` shows, up to the last name, of a cgroup that no mount shows. */
  | { readonly kind: "hidden"; readonly parent: string }
  /** A cgroup that many share, such as the root. */
  | { readonly kind: "shared"; readonly membership: string };

/** By which of its names a directory belongs to a place, the first that fits first. */
const KINDS: readonly (readonly [kind: "pod" | "unit" | "scope", isName: (name: string) => boolean])[] = [
  ["pod", isPodName],
  ["unit", (name) => name.endsWith(".service")],
  ["scope", (name) => name.endsWith(".scope")],
];

/** The place that a cgroup's directory belongs to: its pod, its unit or its scope, or else itself. Pure. */
export function placeOfPath(path: string): Place {
  const names = path.split("/");
  for (const [kind, isName] of KINDS) {
    const index = names.findLastIndex(isName);
    if (index >= 0) return { kind, path: names.slice(0, index + 1).join("/") };
  }
  return { kind: "cgroup", path };
}

function membershipOf(pid: number): string {
  return parseCgroupMembership(readCgroupText(pid) ?? "")?.path ?? "";
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/**
 * The place of a target that runs.
 *
 * @param cgroup that by which it is filtered, if there is one
 * @param process its process
 */
export function placeOf(cgroup: Cgroup | undefined, process: Process): Place {
  if (cgroup?.path !== undefined) return placeOfPath(cgroup.path);
  const membership = membershipOf(process.pid);
  return cgroup === undefined
    ? { kind: "shared", membership }
    : { kind: "hidden", parent: parentOf(membership) };
}

/** Whether a process is in a place. */
export function isInPlace(process: Process, place: Place, mounts: readonly Mount[]): boolean {
  switch (place.kind) {
    case "shared":
      return membershipOf(process.pid) === place.membership;
    case "hidden":
      return parentOf(membershipOf(process.pid)) === place.parent;
    default:
      return isInside(process.pid, place.path, mounts);
  }
}

/** Whether a process is in the cgroup of a directory, or below it. */
export function isInside(pid: number | "self", directory: string, mounts: readonly Mount[]): boolean {
  return isTextInside(readCgroupText(pid) ?? "", directory, mounts);
}

/** Whether a text of `/proc/<pid>/cgroup` is that of a process in the cgroup of a directory, or below it. */
export function isTextInside(cgroupText: string, directory: string, mounts: readonly Mount[]): boolean {
  const membership = parseCgroupMembership(cgroupText);
  if (membership === undefined) return false;
  return locateCgroup(mounts, membership.path).some(({ path }) => pathBelow(directory, path) !== undefined);
}

/** Whether a process may come back in a place: a unit has a cgroup only while it runs, any other is its cgroup. */
export function placeExists(place: Place): boolean {
  if (place.kind === "unit" || place.kind === "hidden" || place.kind === "shared") return true;
  try {
    stat(place.path);
    return true;
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) return false;
    throw error;
  }
}

/** A place in words, for the log. */
export function describePlace(place: Place): string {
  if (place.kind === "shared") return `cgroup ${place.membership === "" ? "/" : place.membership}`;
  if (place.kind === "hidden") return "its pod";
  return `${place.kind} ${place.path}`;
}

/** The first of some places that holds one of some processes, with those that it holds. */
export function inFirstPlace(
  processes: readonly Process[],
  places: readonly Place[],
  mounts: readonly Mount[] = mountsOfType("cgroup2"),
): readonly Process[] {
  for (const place of places) {
    const inside = processes.filter((process) => isInPlace(process, place, mounts));
    if (inside.length > 0) return inside;
  }
  return [];
}
