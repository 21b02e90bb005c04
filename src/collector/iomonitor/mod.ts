/**
 * iomonitor: page cache, fadvise, reclaim and read latency of one process.
 *
 * @module
 */
import { callNumbers, callTargets, type ProbeSet } from "../../programs/mod.ts";
import { COUNTER_METRICS, LATENCY_METRICS } from "./metrics.ts";
import { IOMONITOR_OBJECT } from "./object.ts";
import { PROBES } from "./probes.ts";

/** The programs of iomonitor. */
export const IOMONITOR: ProbeSet = {
  name: "iomonitor",
  object: IOMONITOR_OBJECT,
  probes: PROBES,
  counters: COUNTER_METRICS,
  latencies: LATENCY_METRICS,
  constants: () => callNumbers(PROBES),
  targets: () => callTargets(PROBES),
};
