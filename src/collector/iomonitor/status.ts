/** What iomonitor says of itself. Pure. @module */
import {
  type LifeEnd,
  type LifeEndKind,
  type MetricFamily,
  NO_LABELS,
  type Sample,
} from "../../metrics/mod.ts";
import type { Target } from "../../discovery/mod.ts";
import type { ProbeStatus } from "./attach.ts";

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
const PROBE_INFO = gauge(
  "ktm_probe_info",
  "The strategy that serves a probe; exact is false for a bound or an approximation.",
);
const PROBE_ATTACHED = gauge(
  "ktm_probe_attached",
  "1 if the probe is attached; 0 if its metrics are absent.",
);

/** Values of `ktm_status`. */
export const Status = { DISABLED: 0n, DEGRADED: 1n, FULL: 2n } as const;

/** Samples of the probes, which stay as they are while their programs are attached. */
const probeSamples = new WeakMap<readonly ProbeStatus[], readonly Sample[]>();

function samplesOf(probes: readonly ProbeStatus[]): readonly Sample[] {
  return [
    ...probes.flatMap(({ probe, serving }) =>
      serving === undefined ? [] : [{
        family: PROBE_INFO,
        labels: { probe, strategy: serving.strategy, exact: String(serving.exact) },
        value: 1n,
      }]
    ),
    ...probes.map(({ probe, serving }) => ({
      family: PROBE_ATTACHED,
      labels: { probe },
      value: BigInt(serving !== undefined),
    })),
  ];
}

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
 * @param probes the probes, none while nothing is attached
 */
export function statusSamples(
  status: bigint,
  target: Target | undefined,
  probes: readonly ProbeStatus[],
): Sample[] {
  return [
    { family: STATUS, labels: NO_LABELS, value: status },
    { family: DEGRADED, labels: NO_LABELS, value: BigInt(status === Status.DEGRADED) },
    { family: TARGET_UP, labels: NO_LABELS, value: BigInt(target !== undefined) },
    ...target === undefined ? [] : [targetSamples.getOrInsertComputed(target, sampleOf)],
    ...probeSamples.getOrInsertComputed(probes, samplesOf),
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
