/** What is observed of the target for all modules: how it ends. @module */
import { counter, type CounterMetric, type Probe, probe, type ProbeSet } from "../programs/mod.ts";
import { TARGET_OBJECT } from "./object.ts";

/** The probe without which it is not known how a process ended. */
export const PROCESS_END = "process_end";

const PROBES: readonly Probe[] = [
  probe(PROCESS_END, { tp_btf: ["btf_process_end"], tracepoint: ["tp_process_end"] }),
  {
    probe: "oom_kill",
    strategies: [
      { strategy: "tp_btf", programs: ["btf_oom_victim"], needs: [PROCESS_END], exact: true },
      { strategy: "tracepoint", programs: ["tp_oom_victim"], needs: [PROCESS_END], exact: true },
    ],
  },
];

/** Processes that the OOM killer chose. */
export const OOM_KILLS: CounterMetric = counter(
  "ktm_oom_kills_total",
  "oom_kills",
  "oom_kill",
  "Processes of the target that the OOM killer chose and that have ended.",
);

/** The programs of the target watch. */
export const TARGET_PROBES: ProbeSet = {
  name: "target",
  object: TARGET_OBJECT,
  probes: PROBES,
  counters: [OOM_KILLS],
  latencies: [],
};
