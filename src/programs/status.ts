/** What is said of probes and programs: the same metrics for every module, with its name as a label. Pure. @module */
import type { MetricFamily, Sample } from "../metrics/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import type { Probe } from "./probe.ts";

const PROBE_INFO: MetricFamily = {
  name: "ktm_probe_info",
  type: "gauge",
  help: "The strategy that serves a probe; exact is false for a bound or an approximation.",
  unit: "1",
};
const PROBE_ATTACHED: MetricFamily = {
  name: "ktm_probe_attached",
  type: "gauge",
  help: "1 if the probe is attached; 0 if its metrics are absent.",
  unit: "1",
};

/** Runs of programs that the kernel has left out; no single probe feeds it. */
export const MISSED_RUNS: MetricFamily = {
  name: "ktm_missed_program_runs_total",
  type: "counter",
  help: "Times that the kernel left a program out, because it had interrupted the same one on the same CPU.",
  unit: "1",
};

/** How often a program ran. */
export const PROGRAM_RUNS: MetricFamily = {
  name: "ktm_program_runs_total",
  type: "counter",
  help: "Times that the kernel ran a program of KTM, for whichever process.",
  unit: "1",
};

/** How long a program ran. */
export const PROGRAM_TIME: MetricFamily = {
  name: "ktm_program_run_seconds_total",
  type: "counter",
  help: "Processor time that a program of KTM took, of whichever process.",
  unit: "ns",
};

/** The samples of probes that none serves. To be made once, as well. */
export function unservedSamples(module: string, probes: readonly Probe[]): readonly Sample[] {
  return probeSamples(module, probes.map(({ probe }) => ({ probe, serving: undefined, failures: [] })));
}

/**
 * How probes are served, as samples. To be made once: with new labels, the recorder would make new keys.
 *
 * @param module whose probes they are
 */
export function probeSamples(module: string, probes: readonly ProbeStatus[]): readonly Sample[] {
  return [
    ...probes.flatMap(({ probe, serving }) =>
      serving === undefined ? [] : [{
        family: PROBE_INFO,
        labels: { module, probe, strategy: serving.strategy, exact: String(serving.exact) },
        value: 1n,
      }]
    ),
    ...probes.map(({ probe, serving }) => ({
      family: PROBE_ATTACHED,
      labels: { module, probe },
      value: BigInt(serving !== undefined),
    })),
  ];
}
