/**
 * iomonitor: page cache, fadvise, reclaim and read latency of one process.
 *
 * @module
 */
import type { ProbeSet } from "../../programs/mod.ts";
import { syscallNumbers } from "../../syscall/mod.ts";
import { COUNTER_METRICS, LATENCY_METRICS } from "./metrics.ts";
import { IOMONITOR_OBJECT } from "./object.ts";
import { ARM64_TARGETS, PROBES } from "./probes.ts";

/** The programs of iomonitor. */
export const IOMONITOR: ProbeSet = {
  name: "iomonitor",
  object: IOMONITOR_OBJECT,
  probes: PROBES,
  counters: COUNTER_METRICS,
  latencies: LATENCY_METRICS,
  calls: () => {
    const { read, pread64, fadvise64 } = syscallNumbers();
    return Object.entries({ read, pread64, fadvise64 }).map(([call, number]) => ({ call, number }));
  },
  constants: () => {
    const { read, pread64, fadvise64 } = syscallNumbers();
    return { nr_read: read, nr_pread64: pread64, nr_fadvise64: fadvise64 };
  },
  targets: () => Deno.build.arch === "aarch64" ? ARM64_TARGETS : {},
};
