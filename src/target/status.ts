/** What is said of the target. Pure. @module */
import { type LifeEnd, type LifeEndKind, type MetricFamily, NO_LABELS, type Sample } from "../metrics/mod.ts";
import type { Target } from "../discovery/mod.ts";

function gauge(name: string, help: string): MetricFamily {
  return { name, type: "gauge", help, unit: "1" };
}

const STATUS = gauge(
  "ktm_status",
  "0: disabled or waiting for its target; 1: degraded, scoped by comm only; 2: full, scoped by cgroup.",
);
const DEGRADED = gauge("ktm_degraded", "1 if scoped by comm only.");
const TARGET_UP = gauge("ktm_target_up", "1 if the target was there at this collection.");
const TARGET_INFO = gauge(
  "ktm_target_info",
  "Always 1; the labels tell what is watched, the cgroup by its path or, where no mount shows it, by its id.",
);
/** Values of `ktm_status`. */
export const Status = { DISABLED: 0n, DEGRADED: 1n, FULL: 2n } as const;

/** The sample that tells of a target, which stays as it is: with new labels, the recorder would make new keys. */
const targetSamples = new WeakMap<Target, Sample>();

function sampleOf({ mode, process, cgroup }: Target): Sample {
  const labels = {
    mode,
    // 0: it has none in this PID namespace.
    pid: String(process?.pid || ""),
    comm: process?.comm ?? "",
    cgroup: String(cgroup?.path ?? cgroup?.id ?? ""),
  };
  return { family: TARGET_INFO, labels, value: 1n };
}

/**
 * The state as samples.
 *
 * @param status one of {@linkcode Status}
 * @param target the target if it is there
 */
export function statusSamples(
  status: bigint,
  target: Target | undefined,
): Sample[] {
  return [
    { family: STATUS, labels: NO_LABELS, value: status },
    { family: DEGRADED, labels: NO_LABELS, value: BigInt(status === Status.DEGRADED) },
    { family: TARGET_UP, labels: NO_LABELS, value: BigInt(target !== undefined) },
    ...target === undefined ? [] : [targetSamples.getOrInsertComputed(target, sampleOf)],
  ];
}

const TARGET_ENDS: MetricFamily = {
  name: "ktm_target_ends_total",
  type: "counter",
  help: "Ends of the target that the agent saw, by how: exit, signal, oom, or unknown.",
  unit: "1",
};

/** The ends that count: what goes on unwatched has not ended. */
const COUNTED_ENDS = ["exit", "signal", "oom", "unknown"] as const satisfies readonly LifeEndKind[];

/** How often the target ended, over all of its containers. */
export class EndCounts {
  readonly #samples = new Map<LifeEndKind, { readonly labels: { readonly how: string }; value: bigint }>(
    COUNTED_ENDS.map((how) => [how, { labels: { how }, value: 0n }]),
  );

  /** Counts an end. */
  count({ how }: LifeEnd): void {
    const sample = this.#samples.get(how);
    if (sample !== undefined) sample.value++;
  }

  /** The counts so far. */
  samples(): Sample[] {
    return this.#samples.values().map(({ labels, value }) => ({ family: TARGET_ENDS, labels, value }))
      .toArray();
  }
}

/** Events that the comm prefix let in; no single probe feeds it. */
export const FALLBACK_EVENTS: MetricFamily = {
  name: "ktm_scope_fallback_events_total",
  type: "counter",
  help: "Events that counted because of the comm prefix, not the cgroup.",
  unit: "1",
};

/** Events that could not be followed from their beginning to their end; no single probe feeds it. */
export const LOST_EVENTS: MetricFamily = {
  name: "ktm_lost_events_total",
  type: "counter",
  help: "Calls and reclaims of the target that are missing because the kernel could not follow them.",
  unit: "1",
};
