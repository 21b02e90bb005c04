/**
 * The metrics of iomonitor: which counter of the programs each is made of, and which probe feeds it.
 *
 * @module
 */
import { type MetricFamily, NO_LABELS } from "../../metrics/mod.ts";
import { counter, type CounterMetric, type LatencyMetric } from "../../programs/mod.ts";
import { readProbe, READS } from "./probes.ts";

const [FIRST_READ, ...OTHER_READS] = READS;

const READ_NAMES = new Intl.ListFormat("en").format(READS.map(({ manual }) => manual));

/** Advice in the order of the counters: POSIX_FADV_* of include/uapi/linux/fadvise.h. */
const ADVICE = ["normal", "random", "sequential", "willneed", "dontneed", "noreuse", "other"] as const;

const ADVICE_FAMILY: MetricFamily = {
  name: "ktm_fadvise_advice_total",
  type: "counter",
  help: "fadvise64 calls of the target by advice.",
  unit: "1",
};

/** It only grows, but its name, which the reference's dashboards use, is not a counter's for Prometheus. */
const RECLAIM_PROCESSES: MetricFamily = {
  name: "ktm_memory_direct_reclaim_processes",
  type: "gauge",
  help: "Distinct processes of the target that ever entered reclaim.",
  unit: "1",
};

const STALL_FAMILY: MetricFamily = {
  name: "ktm_memory_reclaim_stall_seconds_total",
  type: "counter",
  help: "Time the target stood still in reclaim, by kind.",
  unit: "ns",
};

/** Metrics that are one counter each. */
export const COUNTER_METRICS: readonly CounterMetric[] = [
  counter(
    "ktm_cache_read_attempts_total",
    "cache_lookups",
    "cache_lookup",
    "Page-cache look-ups (batches) on the target's buffered read path.",
  ),
  counter(
    "ktm_cache_lookups_total",
    "cache_lookups",
    "cache_lookup",
    "The same as ktm_cache_read_attempts_total.",
  ),
  {
    ...counter(
      "ktm_cache_misses_total",
      "cache_misses",
      "cache_miss",
      "Look-ups of the target that found nothing and had to read synchronously.",
    ),
    bound: "cache_miss_bound",
  },
  counter(
    "ktm_page_cache_adds_total",
    "cache_adds",
    "cache_add",
    "Folios that the target added to the page cache.",
  ),
  counter("ktm_cache_fills_total", "cache_adds", "cache_add", "The same as ktm_page_cache_adds_total."),
  counter(
    "ktm_page_cache_added_pages_total",
    "cache_added_pages",
    "cache_add",
    "Pages that the target added to the page cache.",
  ),
  counter(
    "ktm_page_cache_deletes_total",
    "cache_deletes",
    "cache_delete",
    "Folios removed from the page cache in the target's context.",
  ),
  counter(
    "ktm_cache_deletes_total",
    "cache_deletes",
    "cache_delete",
    "The same as ktm_page_cache_deletes_total.",
  ),
  ...READS.flatMap((read) => [
    counter(
      `ktm_sys_${read.name}_bytes_total`,
      `${read.name}.bytes`,
      readProbe(read),
      `Bytes that ${read.manual} returned to the target.`,
    ),
    counter(
      `ktm_sys_${read.name}_errors_total`,
      `${read.name}.errors`,
      readProbe(read),
      `Calls of ${read.manual} by the target that returned an error other than EAGAIN.`,
    ),
  ]),
  {
    ...counter(
      "ktm_sys_read_again_total",
      `${FIRST_READ.name}.again`,
      readProbe(FIRST_READ),
      `Calls of ${READ_NAMES} by the target that returned EAGAIN: there was nothing to read yet.`,
    ),
    and: OTHER_READS.map(({ name }) => `${name}.again`),
  },
  counter("ktm_fadvise_calls_total", "fadvise_calls", "fadvise", "fadvise64 calls of the target."),
  ...ADVICE.map((advice, index) => ({
    family: ADVICE_FAMILY,
    labels: { advice },
    counter: `fadvise_advice[${index}]`,
    probe: "fadvise",
  })),
  counter(
    "ktm_fadvise_dontneed_total",
    `fadvise_advice[${ADVICE.indexOf("dontneed")}]`,
    "fadvise",
    "fadvise64 calls of the target with POSIX_FADV_DONTNEED.",
  ),
  counter(
    "ktm_fadvise_success_total",
    "fadvise_success",
    "fadvise",
    "fadvise64 calls of the target that returned 0.",
  ),
  counter(
    "ktm_memory_lru_pages_scanned_total",
    "lru_scanned",
    "lru_shrink",
    "Pages on the inactive LRU lists scanned in the target's context.",
  ),
  counter(
    "ktm_memory_lru_pages_reclaimed_total",
    "lru_reclaimed",
    "lru_shrink",
    "Pages on the inactive LRU lists reclaimed in the target's context.",
  ),
  counter(
    "ktm_memory_lru_shrink_events_total",
    "lru_shrinks",
    "lru_shrink",
    "Rounds of shrinking an inactive LRU list in the target's context.",
  ),
  counter(
    "ktm_memory_direct_reclaim_begin_total",
    "direct_reclaims",
    "direct_reclaim",
    "Times that the target entered global direct reclaim.",
  ),
  { family: RECLAIM_PROCESSES, labels: NO_LABELS, counter: "reclaim_processes", probe: "direct_reclaim" },
  counter(
    "ktm_memory_memcg_reclaim_begin_total",
    "memcg_reclaims",
    "memcg_reclaim",
    "Times that the target entered memory-cgroup reclaim.",
  ),
  { family: STALL_FAMILY, labels: { kind: "direct" }, counter: "direct_stall_ns", probe: "direct_reclaim" },
  { family: STALL_FAMILY, labels: { kind: "memcg" }, counter: "memcg_stall_ns", probe: "memcg_reclaim" },
];

/** Metrics that are a histogram each. */
export const LATENCY_METRICS: readonly LatencyMetric[] = READS.map((read) => ({
  family: {
    name: `ktm_sys_${read.name}_latency_seconds`,
    type: "histogram",
    help: `Time of the target in ${read.manual}, from entry to exit, of calls that succeeded.`,
    unit: "ns",
  },
  labels: NO_LABELS,
  counter: read.name,
  probe: readProbe(read),
}));
