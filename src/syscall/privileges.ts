/** Giving up privileges for good. @module */
import { syscallNumbers } from "./arch.ts";
import { permittedCapabilities, setCapabilities } from "./capability.ts";
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";
import { deathSignal, setDeathSignal } from "./process.ts";
import { spreadNoNewPrivileges } from "./seccomp.ts";

/** Source: `include/uapi/linux/prctl.h`, `include/uapi/linux/capability.h`. */
const PR_SET_KEEPCAPS = 8;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const CAP_SETUID = 7;
const CAP_SETPCAP = 8;
const HIGHEST_CAPABILITY = 63;

/** A user without rights, which every distribution has under this id: `overflowuid` of the kernel. */
const NOBODY = 65_534;
const ROOT = 0;

function prctl(operation: number, a = 0n, b = 0n): number {
  return libc().prctl(operation, a, b, 0n, 0n);
}

/** Has root's other threads become a user without rights, by which they lose every capability (`man 7 capabilities`). */
function weakenOtherThreads(kept: bigint): void {
  const signal = deathSignal();
  checked(prctl(PR_SET_KEEPCAPS, 1n), "prctl(PR_SET_KEEPCAPS)", () => "keep capabilities for a moment");
  checked(libc().setresuid(NOBODY, NOBODY, NOBODY), "setresuid", () => "take rights from the other threads");
  setCapabilities(kept | 1n << BigInt(CAP_SETUID));
  const { setresuid } = syscallNumbers();
  checked(libc().syscall_setresuid(setresuid, ROOT, ROOT, ROOT), "setresuid", () => "stay root");
  // The kernel forgets it with every change of the user; `unshare --kill-child` relies on it.
  setDeathSignal(signal);
}

/** What has been given up, and of which threads. */
export interface DroppedPrivileges {
  /** Capabilities that this process had before. */
  readonly dropped: bigint;
  /** Whether the bounding set holds no more than what stays, too, which takes CAP_SETPCAP. */
  readonly isBounded: boolean;
  /** What became of the threads beside the calling one. */
  readonly otherThreads: "without capabilities" | "unchanged";
  /** Who cannot gain privileges any more by starting a program. */
  readonly noNewPrivileges: "all threads" | "this thread";
}

/**
 * Takes every capability but some from this process, and the possibility to gain any by starting a program.
 *
 * The kernel keeps capabilities for each thread. glibc's setresuid() is the one call that all threads make: where
 * this process is root, those that the runtime has started before lose theirs by becoming another user, while
 * the calling thread returns to root. Elsewhere only the calling thread changes, and what it starts.
 *
 * @param kept the set of those that stay, if this process has them
 */
export function dropPrivileges(kept: bigint): DroppedPrivileges {
  const permitted = permittedCapabilities();
  const has = (capability: number) => (permitted >> BigInt(capability) & 1n) === 1n;
  const remaining = permitted & kept;
  const isBounded = has(CAP_SETPCAP);
  if (isBounded) {
    // Those that the kernel does not know are refused.
    for (let capability = 0; capability <= HIGHEST_CAPABILITY; capability++) {
      if ((kept >> BigInt(capability) & 1n) === 0n) prctl(PR_CAPBSET_DROP, BigInt(capability));
    }
  }
  const canChangeOthers = libc().geteuid() === ROOT && has(CAP_SETUID) && remaining !== permitted;
  if (canChangeOthers) weakenOtherThreads(remaining);
  // Who started this process may have set it: then every thread has it.
  const isInherited = prctl(PR_GET_NO_NEW_PRIVS) === 1;
  checked(prctl(PR_SET_NO_NEW_PRIVS, 1n), "prctl(PR_SET_NO_NEW_PRIVS)", () => "refuse new privileges");
  const isForAll = isInherited || spreadNoNewPrivileges();
  prctl(PR_CAP_AMBIENT, BigInt(PR_CAP_AMBIENT_CLEAR_ALL));
  setCapabilities(remaining);
  return {
    dropped: permitted & ~kept,
    isBounded,
    otherThreads: canChangeOthers ? "without capabilities" : "unchanged",
    noNewPrivileges: isForAll ? "all threads" : "this thread",
  };
}
