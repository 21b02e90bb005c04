/** What is kept of a run. Pure. @module */
import type { SeriesDump } from "../../src/recorder/mod.ts";
import type { LatencySummary } from "./latency.ts";
import type { KeptDump, KeptSource } from "./pack.ts";
import type { Truth } from "./scenarios.ts";

/** A run of a scenario. */
export interface Recording {
  readonly scenario: string;
  readonly run: number;
  /** The release of the virtual machine's kernel, if it was made in one. */
  readonly guest?: string;
  readonly kernel: string;
  /** When the change began, in milliseconds since the epoch; quiet scenarios go on as before. */
  readonly onsetMs: number;
  /** The target's reads before and after, measured by who made them. */
  readonly before: LatencySummary;
  readonly after: LatencySummary;
  readonly window: KeptDump;
}

/** The source that a diagnosis reads. */
const SOURCE = "iomonitor";

/** What no diagnosis needs: names that others stand for, and how much calls brought, or why they failed. */
const LEFT_OUT = [
  "ktm_cache_lookups_total",
  "ktm_cache_fills_total",
  "ktm_cache_deletes_total",
  "ktm_fadvise_dontneed_total",
  "ktm_fadvise_success_total",
  "ktm_sys_read_bytes_total",
  "ktm_sys_read_errors_total",
  "ktm_sys_pread_bytes_total",
  "ktm_sys_pread_errors_total",
];

/** A bucket that nothing fell into says no more than the others; a counter that stood still says that it was there. */
function isKept({ name, part, values }: SeriesDump): boolean {
  if (LEFT_OUT.includes(name)) return false;
  return part !== "bucket" || new Set(values).size > 1;
}

/**
 * Leaves out of a dump what no diagnosis needs.
 *
 * @param dump all that the Flight Recorder has
 */
export function compactDump({ sources, ...dump }: KeptDump): KeptDump {
  const compact = ({ series, ...source }: KeptSource) => ({ ...source, series: series.filter(isKept) });
  return { ...dump, sources: sources.filter(({ source }) => source === SOURCE).map(compact) };
}

/** A rise that nobody can take for noise, and what may be noise. */
const LEAST_RISE = 8;
const MOST_NOISE = 2;

/** Shorter times are not told apart: sqlite prints milliseconds, and an emulated processor takes them for a timer. */
const RESOLUTION_NS = 250_000;

/** By how much the target's slowest reads have become slower. */
export function rise({ before, after }: Pick<Recording, "before" | "after">): number {
  return Math.max(after.p99Ns, RESOLUTION_NS) / Math.max(before.p99Ns, RESOLUTION_NS);
}

/** Whether the target's own reads did what the scenario is to make them do; a run of which this is false is void. */
export function isTrue(truth: Truth, reads: Pick<Recording, "before" | "after">): boolean {
  if (reads.before.count === 0 || reads.after.count === 0) return false;
  return truth === "rises" ? rise(reads) >= LEAST_RISE : rise(reads) <= MOST_NOISE;
}
