/** What writemonitor observes, and how. @module */
import { type CallName, callPrograms, type Probe, probe } from "../../programs/mod.ts";

/** Calls that write to files: one family, attached in one way, so that its histogram holds all of them or none. */
export const WRITES = [
  "write",
  "pwrite64",
  "writev",
  "pwritev",
  "pwritev2",
] as const satisfies readonly CallName[];

/** Calls that wait for what was written to reach the disk. */
export const SYNCS = ["fsync", "fdatasync", "sync_file_range"] as const satisfies readonly CallName[];

/** The probe of all writes. */
export const WRITE_PROBE = "sys_write";

/** The probe of a call in {@linkcode SYNCS}. */
export function syncProbe(call: typeof SYNCS[number]): string {
  return `sys_${call}`;
}

/** The probe of threads that sleep because they have dirtied too much. */
export const THROTTLE_PROBE = "dirty_throttle";

/** All probes. */
export const PROBES: readonly Probe[] = [
  probe(WRITE_PROBE, callPrograms(...WRITES)),
  ...SYNCS.map((call) => probe(syncProbe(call), callPrograms(call))),
  {
    probe: THROTTLE_PROBE,
    strategies: [
      { strategy: "fentry", programs: ["fexit_throttle_end", "btf_throttle_begin"], exact: true },
      // The tracepoint tells how long a thread is to sleep, in jiffies, and not how long it then did.
      { strategy: "tp_btf", programs: ["btf_throttle_pause"], exact: false },
      { strategy: "tracepoint", programs: ["tp_throttle_pause"], exact: false },
    ],
  },
];
