/** Giving up privileges for good. @module */
import { syscallNumbers } from "../arch.ts";
import { checked } from "../errno.ts";
import { readTextFile } from "../files/file.ts";
import { libc } from "../libc.ts";
import { deathSignal, setDeathSignal } from "../processes/process.ts";
import { permittedCapabilities, setCapabilities } from "./capability.ts";
import { type LandlockOutcome, type Reach, restrictFiles } from "./landlock.ts";
import { type Bound, type FilteredCall, refuseChanges } from "./seccomp.ts";
import { unusedUser } from "./unused_user.ts";

/** Source: `include/uapi/linux/prctl.h`, `include/uapi/linux/capability.h`. */
const PR_SET_DUMPABLE = 4;
const PR_SET_KEEPCAPS = 8;
const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_GET_NO_NEW_PRIVS = 39;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
const CAP_SETUID = 7;
const CAP_SETPCAP = 8;
const HIGHEST_CAPABILITY = 63;

const ROOT = 0;

function prctl(operation: number, a = 0n, b = 0n): number {
  return libc().prctl(operation, a, b, 0n, 0n);
}

/**
 * Has root's other threads become another user, by which they lose every capability (`man 7 capabilities`). Signals
 * are checked against the user of the thread that they are sent to: it has to be one that no process has.
 *
 * @returns false if the kernel or a filter of system calls refuses it; nothing has changed then
 */
function weakenOtherThreads(user: number, kept: bigint): boolean {
  const signal = deathSignal();
  checked(prctl(PR_SET_KEEPCAPS, 1n), "prctl(PR_SET_KEEPCAPS)", () => "keep capabilities for a moment");
  if (libc().setresuid(user, user, user) !== 0) return false;
  setCapabilities(kept | 1n << BigInt(CAP_SETUID));
  const { setresuid } = syscallNumbers();
  checked(libc().syscall_setresuid(setresuid, ROOT, ROOT, ROOT), "setresuid", () => "stay root");
  // The kernel forgets it with every change of the user; `unshare --kill-child` relies on it.
  setDeathSignal(signal);
  return true;
}

/** Whether {@linkcode dropPrivileges} can take the capabilities of the threads that the runtime has started. */
export function canWeakenOtherThreads(): boolean {
  return libc().geteuid() === ROOT && (permittedCapabilities() >> BigInt(CAP_SETUID) & 1n) === 1n;
}

/** What stays. */
export interface KeptPrivileges extends Reach {
  /** Capabilities, if this process has them. */
  readonly capabilities: bigint;
  /** System calls beyond those that change no file and reach no other process. */
  readonly calls: readonly FilteredCall[];
}

/** What has been given up, and of which threads. */
export interface DroppedPrivileges {
  /** Capabilities that this process had before. */
  readonly dropped: bigint;
  /** Whether the bounding set holds no more than what stays, too, which takes CAP_SETPCAP. */
  readonly isBounded: boolean;
  /** The user that the other threads have become, without capabilities; undefined if they stay what they are. */
  readonly otherThreads: number | undefined;
  /** Who cannot gain privileges any more by starting a program. */
  readonly noNewPrivileges: Bound;
  /** Who can change files, programs and other processes no more. */
  readonly changesRefused: Bound;
  /** Who reaches the files that stay within reach, and no others. */
  readonly files: LandlockOutcome;
}

/**
 * Takes from this process, for good, every capability but some, the possibility to gain any by starting a program,
 * and what its user could do to files and other processes.
 *
 * The kernel keeps capabilities for each thread. glibc's setresuid() is the one call that all threads make: where
 * this process is root, those that the runtime has started before lose theirs by becoming another user, while
 * the calling thread returns to root. Elsewhere only the calling thread changes, and what it starts.
 *
 * @throws {SyscallError} if the kernel refuses a step, with those before it done
 */
export function dropPrivileges({ capabilities, calls, ...reach }: KeptPrivileges): DroppedPrivileges {
  const permitted = permittedCapabilities();
  const has = (capability: number) => (permitted >> BigInt(capability) & 1n) === 1n;
  const remaining = permitted & capabilities;
  const isBounded = has(CAP_SETPCAP);
  if (isBounded) {
    // Those that the kernel does not know are refused.
    for (let capability = 0; capability <= HIGHEST_CAPABILITY; capability++) {
      if ((capabilities >> BigInt(capability) & 1n) === 0n) prctl(PR_CAPBSET_DROP, BigInt(capability));
    }
  }
  const canChangeOthers = canWeakenOtherThreads() && remaining !== permitted;
  const user = canChangeOthers ? unusedUser(readTextFile("/proc/self/uid_map")) : undefined;
  const otherThreads = user !== undefined && weakenOtherThreads(user, remaining) ? user : undefined;
  // Who started this process may have set it: then every thread has it.
  const isInherited = prctl(PR_GET_NO_NEW_PRIVS) === 1;
  checked(prctl(PR_SET_NO_NEW_PRIVS, 1n), "prctl(PR_SET_NO_NEW_PRIVS)", () => "refuse new privileges");
  prctl(PR_CAP_AMBIENT, BigInt(PR_CAP_AMBIENT_CLEAR_ALL));
  setCapabilities(remaining);
  // Processes of the same user may neither trace this one nor read its memory (`man 2 ptrace`).
  prctl(PR_SET_DUMPABLE, 0n);
  const changesRefused = refuseChanges(calls);
  const files = restrictFiles(reach);
  return {
    dropped: permitted & ~capabilities,
    isBounded,
    otherThreads,
    noNewPrivileges: isInherited || changesRefused === "all threads" ? "all threads" : "this thread",
    changesRefused,
    files,
  };
}
