/**
 * writemonitor: writes to files, their way to the disk, and sleep for having dirtied too much, of one process.
 *
 * @module
 */
import { callNumbers, callTargets, type ProbeSet } from "../../programs/mod.ts";
import { jiffyNs } from "../../syscall/mod.ts";
import { COUNTER_METRICS, LATENCY_METRICS } from "./metrics.ts";
import { WRITEMONITOR_OBJECT } from "./object.ts";
import { PROBES } from "./probes.ts";

export { WRITE_FIGURES } from "./metrics.ts";

/** The programs of writemonitor. */
export const WRITEMONITOR: ProbeSet = {
  name: "writemonitor",
  object: WRITEMONITOR_OBJECT,
  probes: PROBES,
  counters: COUNTER_METRICS,
  latencies: LATENCY_METRICS,
  constants: () => ({ ...callNumbers(PROBES), jiffy_ns: jiffyNs() }),
  targets: () => callTargets(PROBES),
};
