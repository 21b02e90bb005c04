/** What this process may do once it is at work. @module */
import { prepareMemlock } from "../loader/mod.ts";
import {
  capabilityCount,
  capabilitySetOf,
  dropPrivileges,
  hasCapability,
  permittedCapabilities,
} from "../syscall/mod.ts";
import { log } from "./log.ts";

/**
 * What is needed to attach again, to another container of the target. Before 5.8 there was CAP_SYS_ADMIN for both, and
 * who has been given only that keeps it.
 */
const NEEDED = ["CAP_BPF", "CAP_PERFMON"] as const;
const INSTEAD = ["CAP_SYS_ADMIN"] as const;

/** Gives up every capability that is not needed any more, for good, and says which ones stay. */
export function keepNeededPrivileges(): void {
  try {
    // The last thing that takes CAP_SYS_RESOURCE.
    prepareMemlock();
    const permitted = permittedCapabilities();
    const kept = NEEDED.every((name) => hasCapability(permitted, name)) ? NEEDED : INSTEAD;
    const { dropped, isBounded, otherThreads, noNewPrivileges } = dropPrivileges(capabilitySetOf(kept));
    const names = kept.filter((name) => hasCapability(permitted, name)).join(",");
    log.info("Gave up capabilities", {
      kept: names === "" ? "none" : names,
      dropped: capabilityCount(dropped),
      bounding_set: isBounded ? "reduced" : "unchanged",
      other_threads: otherThreads,
      no_new_privs: noNewPrivileges,
    });
  } catch (error) {
    log.warn("Cannot give up capabilities: the agent goes on with more than it needs", { error });
  }
}
