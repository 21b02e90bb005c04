/**
 * The metrics of writemonitor: which counter of the programs each is made of, and which probe feeds it.
 *
 * @module
 */
import { type Figure, type MetricFamily, NO_LABELS } from "../../metrics/mod.ts";
import { counter, type CounterMetric, type LatencyMetric } from "../../programs/mod.ts";
import { syncProbe, SYNCS, THROTTLE_PROBE, WRITE_PROBE, WRITES } from "./probes.ts";

const [FIRST_WRITE, ...OTHER_WRITES] = WRITES;

const WRITE_NAMES = "write(2), pwrite64(2), writev(2), pwritev(2) and pwritev2(2)";

const WRITE_LATENCY: MetricFamily = {
  name: "ktm_sys_write_latency_seconds",
  type: "histogram",
  help: `Time of the target in ${WRITE_NAMES} to regular files, from entry to exit, of calls that succeeded.`,
  unit: "ns",
};

const SYNC_LATENCY: MetricFamily = {
  name: "ktm_sys_fsync_latency_seconds",
  type: "histogram",
  help: "Time of the target in fsync(2), fdatasync(2) and sync_file_range(2), of calls that succeeded.",
  unit: "ns",
};

const SYNC_ERRORS: MetricFamily = {
  name: "ktm_sys_fsync_errors_total",
  type: "counter",
  help: "Calls of fsync(2), fdatasync(2) and sync_file_range(2) by the target that returned an error.",
  unit: "1",
};

const THROTTLE_STALL: MetricFamily = {
  name: "ktm_dirty_throttle_stall_seconds_total",
  type: "counter",
  help: "Time that the kernel made the target sleep for having dirtied more pages than the disk takes.",
  unit: "ns",
};

/** A metric of all writes, added up. */
function ofWrites(metric: CounterMetric, field: string): CounterMetric {
  return { ...metric, and: OTHER_WRITES.map((call) => `${call}.${field}`) };
}

/** Metrics that are counters. */
export const COUNTER_METRICS: readonly CounterMetric[] = [
  ofWrites(
    counter(
      "ktm_sys_write_bytes_total",
      `${FIRST_WRITE}.bytes`,
      WRITE_PROBE,
      "Bytes that the target wrote to regular files by system calls.",
    ),
    "bytes",
  ),
  ofWrites(
    counter(
      "ktm_sys_write_errors_total",
      `${FIRST_WRITE}.errors`,
      WRITE_PROBE,
      "Writes to regular files by the target that returned an error other than EAGAIN.",
    ),
    "errors",
  ),
  ...SYNCS.map((call) => ({
    family: SYNC_ERRORS,
    labels: { call },
    counter: `${call}.errors`,
    probe: syncProbe(call),
  })),
  counter(
    "ktm_dirty_throttle_events_total",
    "throttles",
    THROTTLE_PROBE,
    "Times that the kernel made the target sleep for having dirtied more pages than the disk takes.",
  ),
  { family: THROTTLE_STALL, labels: NO_LABELS, counter: "throttle_ns", probe: THROTTLE_PROBE },
];

/** What a live view shows in a line. */
export const WRITE_FIGURES: readonly Figure[] = [
  { label: "written", metric: "ktm_sys_write_bytes_total", show: "rate", unit: "bytes" },
  { label: "throttled", metric: THROTTLE_STALL.name, show: "rate", unit: "share" },
  { label: "write errors", metric: "ktm_sys_write_errors_total", show: "rate", unit: "number" },
  { label: "fsync errors", metric: SYNC_ERRORS.name, show: "rate", unit: "number" },
];

/** Metrics that are histograms. */
export const LATENCY_METRICS: readonly LatencyMetric[] = [
  {
    family: WRITE_LATENCY,
    labels: NO_LABELS,
    counter: FIRST_WRITE,
    and: OTHER_WRITES,
    probe: WRITE_PROBE,
  },
  ...SYNCS.map((call) => ({
    family: SYNC_LATENCY,
    labels: { call },
    counter: call,
    probe: syncProbe(call),
  })),
];
