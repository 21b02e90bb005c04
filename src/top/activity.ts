/** What happened between two snapshots, in a second. @module */
import { histogramOf, type Label, scalarOf, type Snapshot } from "./snapshot.ts";
import { type Latency, latencyBetween } from "./latency.ts";

/** A number in a second; undefined if it was not measured at both ends, or counting began anew in between. */
export type Rate = number | undefined;

/** The system calls that are timed. */
export const CALLS = ["read", "pread"] as const;

/** One of {@linkcode CALLS}. */
export type Call = typeof CALLS[number];

/** What a system call did. */
export interface CallActivity {
  readonly calls: Rate;
  readonly bytes: Rate;
  readonly errors: Rate;
  readonly latency: Latency | undefined;
}

/** Metrics that are shown as rates, by what they are called here; time is in nanoseconds. */
export const RATES = {
  lookups: ["ktm_cache_lookups_total"],
  misses: ["ktm_cache_misses_total"],
  adds: ["ktm_page_cache_adds_total"],
  deletes: ["ktm_page_cache_deletes_total"],
  normal: ["ktm_fadvise_advice_total", ["advice", "normal"]],
  random: ["ktm_fadvise_advice_total", ["advice", "random"]],
  sequential: ["ktm_fadvise_advice_total", ["advice", "sequential"]],
  willneed: ["ktm_fadvise_advice_total", ["advice", "willneed"]],
  dontneed: ["ktm_fadvise_advice_total", ["advice", "dontneed"]],
  noreuse: ["ktm_fadvise_advice_total", ["advice", "noreuse"]],
  other: ["ktm_fadvise_advice_total", ["advice", "other"]],
  advised: ["ktm_fadvise_calls_total"],
  succeeded: ["ktm_fadvise_success_total"],
  directReclaims: ["ktm_memory_direct_reclaim_begin_total"],
  directStall: ["ktm_memory_reclaim_stall_seconds_total", ["kind", "direct"]],
  memcgReclaims: ["ktm_memory_memcg_reclaim_begin_total"],
  memcgStall: ["ktm_memory_reclaim_stall_seconds_total", ["kind", "memcg"]],
  scanned: ["ktm_memory_lru_pages_scanned_total"],
  reclaimed: ["ktm_memory_lru_pages_reclaimed_total"],
  lost: ["ktm_lost_events_total"],
  byComm: ["ktm_scope_fallback_events_total"],
} as const satisfies Readonly<Record<string, readonly [name: string, label?: Label]>>;

/** What is shown as a rate. */
export type RateName = keyof typeof RATES;

/** Everything between two snapshots. */
export interface Activity {
  readonly calls: Readonly<Record<Call, CallActivity>>;
  readonly rates: Readonly<Record<RateName, Rate>>;
}

/** What all of a system call's metrics are called. */
export function callMetrics(call: Call): Readonly<Record<"latency" | "bytes" | "errors", string>> {
  return {
    latency: `ktm_sys_${call}_latency_seconds`,
    bytes: `ktm_sys_${call}_bytes_total`,
    errors: `ktm_sys_${call}_errors_total`,
  };
}

/**
 * Compares two snapshots.
 *
 * @param before the older one; undefined if there is none yet
 * @param after the newer one
 */
export function activityBetween(before: Snapshot | undefined, after: Snapshot): Activity {
  const seconds = (after.atMs - (before?.atMs ?? after.atMs)) / 1000;
  const perSecond = (was: bigint | undefined, is: bigint | undefined): Rate =>
    was === undefined || is === undefined || is < was || seconds <= 0
      ? undefined
      : Number(is - was) / seconds;
  const rate = (name: string, label?: Label): Rate =>
    before && perSecond(scalarOf(before, name, label), scalarOf(after, name, label));
  const activityOf = (call: Call): CallActivity => {
    const names = callMetrics(call);
    const latency = latencyBetween(
      before && histogramOf(before, names.latency),
      histogramOf(after, names.latency),
    );
    return {
      calls: latency && perSecond(0n, latency.count),
      bytes: rate(names.bytes),
      errors: rate(names.errors),
      latency,
    };
  };
  const rates = Object.entries(RATES).map(([name, [metric, label]]) => [name, rate(metric, label)]);
  return {
    calls: { read: activityOf("read"), pread: activityOf("pread") },
    rates: Object.fromEntries(rates) as Record<RateName, Rate>,
  };
}
