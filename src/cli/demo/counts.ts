/** What the demo's workload does, in numbers. @module */

/** Counts by what was done; every one of them has a metric that must hold the same. */
export type DemoCounts = Readonly<Record<DemoCount, number>>;

/** Advice by its number: POSIX_FADV_* of include/uapi/linux/fadvise.h; 99 is none of them. */
export const DEMO_ADVICE = [
  { advice: "normal", number: 0 },
  { advice: "random", number: 1 },
  { advice: "sequential", number: 2 },
  { advice: "willneed", number: 3 },
  { advice: "dontneed", number: 4 },
  { advice: "noreuse", number: 5 },
  { advice: "other", number: 99 },
] as const;

/** Where each count stands among the exported metrics. */
export interface DemoRow {
  readonly count: DemoCount;
  /** What the table calls it. */
  readonly label: string;
  /** Name of the metric; of a histogram the number of observations is meant. */
  readonly metric: string;
  readonly advice?: string;
}

/** Names of the counts. */
export type DemoCount =
  | "reads"
  | "readBytes"
  | "readErrors"
  | "preads"
  | "preadBytes"
  | "fadvises"
  | "fadviseSuccess"
  | `advice_${typeof DEMO_ADVICE[number]["advice"]}`;

/** The table: what the workload counts next to what the kernel counted. */
export const DEMO_ROWS: readonly DemoRow[] = [
  { count: "reads", label: "read calls that succeeded", metric: "ktm_sys_read_latency_seconds" },
  { count: "readBytes", label: "bytes read", metric: "ktm_sys_read_bytes_total" },
  { count: "readErrors", label: "read calls that failed", metric: "ktm_sys_read_errors_total" },
  { count: "preads", label: "pread64 calls that succeeded", metric: "ktm_sys_pread_latency_seconds" },
  { count: "preadBytes", label: "bytes read by pread64", metric: "ktm_sys_pread_bytes_total" },
  { count: "fadvises", label: "fadvise64 calls", metric: "ktm_fadvise_calls_total" },
  ...DEMO_ADVICE.map(({ advice }): DemoRow => ({
    count: `advice_${advice}`,
    label: `  with advice ${advice}`,
    metric: "ktm_fadvise_advice_total",
    advice,
  })),
  { count: "fadviseSuccess", label: "fadvise64 calls that succeeded", metric: "ktm_fadvise_success_total" },
];

/** All counts at zero. */
export function zeroCounts(): Record<DemoCount, number> {
  return Object.fromEntries(DEMO_ROWS.map(({ count }) => [count, 0])) as Record<DemoCount, number>;
}
