/** The metrics of procmonitor. @module */
import type { Figure, MetricFamily } from "../../metrics/mod.ts";

/** The metrics of the target's process, by what they are made of. */
export const PROCESS_FAMILIES = {
  cpuNs: {
    name: "ktm_process_cpu_seconds_total",
    type: "counter",
    help: "Processor time of the target's process.",
    unit: "ns",
  },
  cpuWaitNs: {
    name: "ktm_process_cpu_wait_seconds_total",
    type: "counter",
    help: "Time that threads of the target's process were runnable and waited for a processor.",
    unit: "ns",
  },
  majorFaults: {
    name: "ktm_process_major_faults_total",
    type: "counter",
    help: "Page faults of the target's process that had to wait for storage.",
    unit: "1",
  },
  readBytes: {
    name: "ktm_process_storage_read_bytes_total",
    type: "counter",
    help: "Bytes that the target's process had read from storage.",
    unit: "1",
  },
  writtenBytes: {
    name: "ktm_process_storage_written_bytes_total",
    type: "counter",
    help:
      "Bytes that the target's process gave to storage to write, when it made pages dirty or wrote directly.",
    unit: "1",
  },
  threads: {
    name: "ktm_process_threads",
    type: "gauge",
    help: "Threads of the target's process.",
    unit: "1",
  },
  blocked: {
    name: "ktm_process_blocked_threads",
    type: "gauge",
    help: "Threads of the target's process in uninterruptible sleep, most often in wait for storage.",
    unit: "1",
  },
} as const satisfies Readonly<Record<string, MetricFamily>>;

/** Calls that have begun and not returned. */
export const CALLS_IN_FLIGHT: MetricFamily = {
  name: "ktm_calls_in_flight",
  type: "gauge",
  help: "Watched calls of the target's process that have begun and not returned.",
  unit: "1",
};

/** How long the oldest of them takes so far. */
export const CALL_OLDEST: MetricFamily = {
  name: "ktm_call_oldest_seconds",
  type: "gauge",
  help: "Age of the oldest watched call of the target's process that has not returned.",
  unit: "ns",
};

/** Time in which work stood still for want of something. */
export const PRESSURE: MetricFamily = {
  name: "ktm_pressure_stall_seconds_total",
  type: "counter",
  help: "Time in which some or all tasks of the target's cgroup stood still for want of a resource.",
  unit: "ns",
};

/** Memory in use. */
export const MEMORY_CURRENT: MetricFamily = {
  name: "ktm_memory_current_bytes",
  type: "gauge",
  help: "Memory that the target's cgroup uses, page cache included.",
  unit: "1",
};

/** The least of the limits. */
export const MEMORY_LIMIT: MetricFamily = {
  name: "ktm_memory_limit_bytes",
  type: "gauge",
  help: "Lowest memory limit of the target's cgroup and of those above it that can be seen.",
  unit: "1",
};

/** Events of the memory controller. */
export const MEMORY_EVENTS: MetricFamily = {
  name: "ktm_memory_events_total",
  type: "counter",
  help: "Events of the memory controller in the target's cgroup and below it, by event.",
  unit: "1",
};

/** All of them, as they are registered. */
export const FAMILIES: readonly MetricFamily[] = [
  ...Object.values(PROCESS_FAMILIES),
  CALLS_IN_FLIGHT,
  CALL_OLDEST,
  PRESSURE,
  MEMORY_CURRENT,
  MEMORY_LIMIT,
  MEMORY_EVENTS,
];

/** What a live view shows. */
export const FIGURES: readonly Figure[] = [
  { label: "cpu", metric: PROCESS_FAMILIES.cpuNs.name, show: "rate", unit: "share" },
  { label: "waits", metric: PROCESS_FAMILIES.cpuWaitNs.name, show: "rate", unit: "share" },
  { label: "threads", metric: PROCESS_FAMILIES.threads.name, show: "now", unit: "number" },
  { label: "blocked", metric: PROCESS_FAMILIES.blocked.name, show: "now", unit: "number" },
  { label: "in flight", metric: CALLS_IN_FLIGHT.name, show: "now", unit: "number" },
  { label: "oldest", metric: CALL_OLDEST.name, show: "most", unit: "time" },
  { label: "memory", metric: MEMORY_CURRENT.name, show: "now", unit: "bytes" },
];
