/** Pods, by the names that their cgroups have. Pure. @module */

/** The uid of a pod, with dashes or underscores, or what the kubelet makes of a static pod's file. */
const UID = "(?:[0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})";

/** Names that nothing but a pod's cgroup has, by who makes them. */
const POD_NAMES: readonly RegExp[] = [
  // The kubelet with its systemd driver, whose slices repeat the names of those above.
  new RegExp(`^(?:[^/]+-)?kubepods(?:-burstable|-besteffort)?-pod${UID}\\.slice$`),
  // The kubelet with its cgroupfs driver.
  new RegExp(`^pod${UID}$`),
  // podman, which names a slice after the one above, too.
  /^(?:[^/]+-)?libpod_pod_[0-9a-f]{64}\.slice$/,
];

/** Whether a cgroup of this name is a pod's. */
export function isPodName(name: string): boolean {
  return POD_NAMES.some((pattern) => pattern.test(name));
}

/**
 * How many levels above a container's cgroup its pod's is, or undefined if there is none: any other cgroup may
 * hold what is nobody's business here.
 *
 * @param names of the cgroups above the container's, the nearest first. Two are enough: runtimes put a container
 * right below its pod or, as crun does, one level deeper; what is deeper is a container in a container.
 */
export function levelsToPod(names: readonly string[]): number | undefined {
  const index = names.findIndex(isPodName);
  return index < 0 ? undefined : index + 1;
}
