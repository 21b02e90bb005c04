/**
 * The life cycle of a watch: its phases, what can happen in each, and what has to be done then. Pure.
 *
 * @module
 */

/**
 * - `waiting`: no target, nothing attached
 * - `active`: the target is there and counted
 * - `lost`: the target has ended; its cgroup, or its comm, goes on being counted if it comes back
 * - `disabled`: this machine does not allow to watch, and nothing is tried any more
 */
export type Phase = "waiting" | "active" | "lost" | "disabled";

/**
 * - `found`: a search found the target, in the cgroup watched so far if there is one
 * - `found-elsewhere`: it is in another cgroup: another container
 * - `ended`: its process has ended or left the cgroup
 * - `removed`: its cgroup has been removed, or another one has its name
 * - `damaged`: the filter in the kernel is not what it should be
 * - `refused`: the kernel does not allow to watch
 * - `stopped`: the agent stops to watch
 */
export type Event = "found" | "found-elsewhere" | "ended" | "removed" | "damaged" | "refused" | "stopped";

/**
 * - `attach`: load and attach the programs, with counters from zero
 * - `reprogram`: let the filter name the target as it is now, if it names another; counters go on
 * - `repair`: write the filter again as it should be
 * - `detach`: take everything out of the kernel
 * - `restart`: say that counters start from zero, for another container
 */
export type Action = "attach" | "reprogram" | "repair" | "detach" | "restart";

/** What an event does in a phase. */
export interface Transition {
  readonly to: Phase;
  /** Whether a life of the target ends by it, before the actions, or begins, after them. */
  readonly life?: "ends" | "begins" | "ends and begins";
  /** In this order. */
  readonly actions: readonly Action[];
  readonly level: "debug" | "info" | "warn" | "error";
  /** For the log, in front of the reason. */
  readonly message: string;
}

const RESTORED = {
  actions: ["repair"],
  level: "warn",
  message: "Filter map modified externally; restored",
} as const;

const REMOVED: Transition = {
  to: "waiting",
  actions: ["detach", "restart"],
  level: "warn",
  message: "Target cgroup removed; counters restart, history kept",
};

const ANOTHER: Transition = {
  to: "active",
  life: "begins",
  actions: ["detach", "restart", "attach"],
  level: "info",
  message: "Watching the target in another cgroup; counters restart, history kept",
};

const REFUSED: Transition = {
  to: "disabled",
  actions: ["detach"],
  level: "error",
  message: "KTM disabled",
};

const STOPPED: Transition = {
  to: "waiting",
  actions: ["detach"],
  level: "debug",
  message: "KTM stopped watching",
};

/** What happens when; what is not in the table changes nothing. */
export const TRANSITIONS: Readonly<Record<Phase, Readonly<Partial<Record<Event, Transition>>>>> = {
  waiting: {
    found: {
      to: "active",
      life: "begins",
      actions: ["attach"],
      level: "info",
      message: "Watching the target",
    },
    refused: REFUSED,
    stopped: STOPPED,
  },
  active: {
    // The same process, but now its cgroup is known.
    found: {
      to: "active",
      life: "begins",
      actions: ["reprogram"],
      level: "info",
      message: "Watching the target by its cgroup",
    },
    "found-elsewhere": {
      ...ANOTHER,
      life: "ends and begins",
      message: "Target returned to its place; counters restart, history kept",
    },
    ended: {
      to: "lost",
      life: "ends",
      actions: [],
      level: "warn",
      message: "Target ended; history kept, waiting for it to return",
    },
    removed: { ...REMOVED, life: "ends" },
    damaged: { to: "active", ...RESTORED },
    refused: { ...REFUSED, life: "ends" },
    stopped: { ...STOPPED, life: "ends", actions: ["detach", "restart"] },
  },
  lost: {
    found: {
      to: "active",
      life: "begins",
      actions: ["reprogram"],
      level: "info",
      message: "Watching the target",
    },
    "found-elsewhere": ANOTHER,
    removed: REMOVED,
    damaged: { to: "lost", ...RESTORED },
    refused: REFUSED,
    stopped: { ...STOPPED, actions: ["detach", "restart"] },
  },
  disabled: {},
};
