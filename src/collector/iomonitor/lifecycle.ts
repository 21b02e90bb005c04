/**
 * The life of a watch: its phases, what can happen in each, and what has to be done then. Pure.
 *
 * @module
 */

/**
 * - `waiting`: nobody to watch, nothing attached
 * - `active`: the target is there and counted
 * - `lost`: the target has ended; its cgroup, or its comm, goes on being counted if it comes back
 * - `disabled`: this machine does not allow to watch, and nothing is tried any more
 */
export type Phase = "waiting" | "active" | "lost" | "disabled";

/**
 * - `found`: a search found the target, in the cgroup watched so far if there is one
 * - `found-elsewhere`: it is in another cgroup: another container
 * - `ended`: its process has ended or left the cgroup
 * - `removed`: its cgroup has been removed, or made anew under the same name
 * - `damaged`: the filter in the kernel is not what it should be
 * - `refused`: the kernel does not allow to watch
 */
export type Event = "found" | "found-elsewhere" | "ended" | "removed" | "damaged" | "refused";

/**
 * - `attach`: load and attach the programs, with counters from zero
 * - `reprogram`: let the filter name the target as it is now, if it names another; counters go on
 * - `repair`: write the filter again as it should be
 * - `detach`: take everything out of the kernel
 * - `forget`: drop what has been recorded, which belongs to another container
 */
export type Action = "attach" | "reprogram" | "repair" | "detach" | "forget";

/** What an event does in a phase. */
export interface Transition {
  readonly to: Phase;
  /** In this order. */
  readonly actions: readonly Action[];
  readonly level: "info" | "warn" | "error";
  /** For the log, beside the reason. */
  readonly message: string;
}

const REPAIRED = {
  actions: ["repair"],
  level: "warn",
  message: "The filter in the kernel had been changed and is repaired",
} as const;

const REMOVED: Transition = {
  to: "waiting",
  actions: ["detach", "forget"],
  level: "warn",
  message: "The target's cgroup is gone: its counters are dropped",
};

const REFUSED: Transition = {
  to: "disabled",
  actions: ["detach"],
  level: "error",
  message: "iomonitor is disabled",
};

/** What happens when; what is not in the table changes nothing. */
export const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<Event, Transition>>>>> = {
  waiting: {
    found: { to: "active", actions: ["attach"], level: "info", message: "Watching the target" },
    refused: REFUSED,
  },
  active: {
    // The same process, but now its cgroup is known.
    found: {
      to: "active",
      actions: ["reprogram"],
      level: "info",
      message: "Watching the target by its cgroup",
    },
    "found-elsewhere": {
      to: "active",
      actions: ["detach", "forget", "attach"],
      level: "info",
      message: "Watching the target in another cgroup: counters start from zero",
    },
    ended: { to: "lost", actions: [], level: "warn", message: "The target has ended" },
    removed: REMOVED,
    damaged: { to: "active", ...REPAIRED },
    refused: REFUSED,
  },
  lost: {
    found: { to: "active", actions: ["reprogram"], level: "info", message: "Watching the target" },
    "found-elsewhere": {
      to: "active",
      actions: ["detach", "forget", "attach"],
      level: "info",
      message: "Watching the target in another cgroup: counters start from zero",
    },
    removed: REMOVED,
    damaged: { to: "lost", ...REPAIRED },
    refused: REFUSED,
  },
  disabled: {},
};
