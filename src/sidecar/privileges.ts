/** What this process may do once it is at work. @module */
import { prepareMemlock } from "../loader/mod.ts";
import {
  capabilityCount,
  type CapabilityName,
  capabilitySetOf,
  type DroppedPrivileges,
  dropPrivileges,
  type FilteredCall,
  hasCapability,
  type LandlockOutcome,
  mountsOfType,
  permittedCapabilities,
  type Reach,
  readLink,
} from "../syscall/mod.ts";
import { log } from "./log/log.ts";

/**
 * What is needed to attach again, to another container of the target. Before 5.8 there was CAP_SYS_ADMIN for both, and
 * who has been given only that keeps it.
 */
const NEEDED = ["CAP_BPF", "CAP_PERFMON"] as const;
const INSTEAD = ["CAP_SYS_ADMIN"] as const;

/** What is read to look for the target, to attach to it, and to look up the name of a host. */
const READ = [
  "/proc",
  "/sys",
  "/usr",
  "/lib",
  "/lib64",
  "/etc/gai.conf",
  "/etc/host.conf",
  "/etc/hosts",
  "/etc/ld.so.cache",
  "/etc/localtime",
  "/etc/nsswitch.conf",
  "/etc/resolv.conf",
  "/etc/services",
  "/dev/null",
  "/dev/urandom",
] as const;

/** File systems that may be mounted outside of `/proc` and `/sys`. */
const READ_MOUNTS = ["cgroup", "cgroup2", "tracefs", "debugfs"] as const;

/** What a command needs beyond watching. */
export interface PrivilegeNeeds extends Partial<Reach> {
  /** A configuration file that may be read again, also after another one has taken its name. */
  readonly config?: string | undefined;
  readonly calls?: readonly FilteredCall[];
  /** Kept if this process has them. */
  readonly capabilities?: readonly CapabilityName[];
}

function directoryOf(path: string): string {
  const end = path.lastIndexOf("/");
  return end < 0 ? "." : path.slice(0, end + 1);
}

/** The directory of a file, and of what it links to. */
function directoriesOf(path: string): string[] {
  const directory = directoryOf(path);
  try {
    const target = readLink(path);
    return [directory, ...directoriesOf(target.startsWith("/") ? target : directory + target)];
  } catch {
    return [directory];
  }
}

function reachOf({ config, read = [], remove = [] }: PrivilegeNeeds): Reach {
  const mounts = READ_MOUNTS.flatMap((type) => mountsOfType(type).map(({ mountPoint }) => mountPoint));
  return {
    read: [...READ, ...mounts, ...config === undefined ? [] : directoriesOf(config), ...read],
    remove,
  };
}

function fileReach({ bound, abi }: LandlockOutcome): string {
  return bound === "none" ? "any, no Landlock" : `what is needed, ${bound} (Landlock ABI ${abi})`;
}

function propertiesOf(outcome: DroppedPrivileges): Readonly<Record<string, string | number>> {
  const { dropped, isBounded, otherThreads, noNewPrivileges, changesRefused, files } = outcome;
  return {
    dropped: capabilityCount(dropped),
    bounding_set: isBounded ? "reduced" : "unchanged",
    other_threads: otherThreads === undefined ? "unchanged" : `without capabilities, uid ${otherThreads}`,
    no_new_privs: noNewPrivileges,
    changes_refused: changesRefused,
    files_read: fileReach(files),
  };
}

/** The last thing that takes CAP_SYS_RESOURCE; where bpf() is forbidden there is nothing to prepare. */
function prepareWhatTakesPrivileges(): void {
  try {
    prepareMemlock();
  } catch (error) {
    log.debug("Cannot prepare the limit on locked memory", { error });
  }
}

/** Gives up every privilege that is not needed any more, for good, and says what stays. */
export function keepNeededPrivileges(needs: PrivilegeNeeds = {}): void {
  prepareWhatTakesPrivileges();
  try {
    const permitted = permittedCapabilities();
    const hasNeeded = NEEDED.every((name) => hasCapability(permitted, name));
    const kept: readonly CapabilityName[] = [...hasNeeded ? NEEDED : INSTEAD, ...needs.capabilities ?? []];
    const capabilities = capabilitySetOf(kept);
    const outcome = dropPrivileges({ capabilities, calls: needs.calls ?? [], ...reachOf(needs) });
    const names = kept.filter((name) => hasCapability(permitted, name)).join(",");
    log.info("Gave up capabilities", { kept: names === "" ? "none" : names, ...propertiesOf(outcome) });
  } catch (error) {
    log.warn("Cannot give up capabilities: the agent goes on with more than it needs", { error });
  }
}
