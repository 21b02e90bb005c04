/** Snapshots and views for tests. @module */
import type { MetricFamily, Sample } from "../metrics/mod.ts";
import { activityBetween } from "./activity.ts";
import { NO_HISTORY } from "./history.ts";
import type { Label, Snapshot } from "./snapshot.ts";
import type { View } from "./view.ts";

function familyOf(name: string, type: MetricFamily["type"], unit: MetricFamily["unit"]): MetricFamily {
  return { name, type, help: "", unit };
}

/** A counter. */
export function scalar(name: string, value: bigint, label?: Label): Sample {
  const labels = label === undefined ? {} : Object.fromEntries([label]);
  return { family: familyOf(name, "counter", "1"), labels, value };
}

/** A histogram with the bounds 1000 ns, 2000 ns and so on by doubling. */
export function histogram(name: string, buckets: readonly bigint[]): Sample {
  const bounds = buckets.slice(1).map((_, index) => 1000n << BigInt(index));
  return { family: familyOf(name, "histogram", "ns"), labels: {}, bounds, buckets, sum: 0n };
}

/** What says how a probe is served. */
export function probe(name: string, strategy: string, exact: boolean): Sample {
  const labels = { probe: name, strategy, exact: String(exact) };
  return { family: familyOf("ktm_probe_info", "gauge", "1"), labels, value: 1n };
}

/** A snapshot of one source. */
export function snapshotOf(atMs: number, ...samples: readonly Sample[]): Snapshot {
  return { atMs, sets: [{ source: "iomonitor", timeMs: 0, monotonicMs: 0, samples }] };
}

/** A view of what happened between two snapshots. */
export function viewOf(before: Snapshot, after: Snapshot, more: Partial<View> = {}): View {
  return {
    snapshot: after,
    before,
    activity: activityBetween(before, after),
    history: NO_HISTORY,
    intervalMs: 1000,
    time: new Date("2026-01-02T03:04:05.678Z"),
    state: "full",
    reason: "process 7 (banyand)",
    modules: [],
    lives: [],
    notes: [],
    ...more,
  };
}
