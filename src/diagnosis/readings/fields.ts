/** What of the metrics a diagnosis reads. @module */

/** A label and its value. */
type Label = readonly [name: string, value: string];

/** A counter that is read. */
export interface Field {
  readonly metric: string;
  readonly label?: Label;
  /** The part of a histogram that holds it; a plain counter unless given. */
  readonly part?: "sum";
  /** The probe without which it is absent. */
  readonly probe: string;
}

function stall(kind: "direct" | "memcg"): Field {
  return {
    metric: "ktm_memory_reclaim_stall_seconds_total",
    label: ["kind", kind],
    probe: `${kind}_reclaim`,
  };
}

/** Every counter that is read, by what it is called here. */
export const FIELDS = {
  readTime: { metric: "ktm_sys_read_latency_seconds", part: "sum", probe: "sys_read" },
  preadTime: { metric: "ktm_sys_pread_latency_seconds", part: "sum", probe: "sys_pread64" },
  misses: { metric: "ktm_cache_misses_total", probe: "cache_miss" },
  adds: { metric: "ktm_page_cache_adds_total", probe: "cache_add" },
  addedPages: { metric: "ktm_page_cache_added_pages_total", probe: "cache_add" },
  deletes: { metric: "ktm_page_cache_deletes_total", probe: "cache_delete" },
  advised: { metric: "ktm_fadvise_calls_total", probe: "fadvise" },
  dontneed: { metric: "ktm_fadvise_advice_total", label: ["advice", "dontneed"], probe: "fadvise" },
  scanned: { metric: "ktm_memory_lru_pages_scanned_total", probe: "lru_shrink" },
  reclaimed: { metric: "ktm_memory_lru_pages_reclaimed_total", probe: "lru_shrink" },
  direct: { metric: "ktm_memory_direct_reclaim_begin_total", probe: "direct_reclaim" },
  directStall: stall("direct"),
  memcg: { metric: "ktm_memory_memcg_reclaim_begin_total", probe: "memcg_reclaim" },
  memcgStall: stall("memcg"),
  lost: { metric: "ktm_lost_events_total", probe: "" },
} as const satisfies Readonly<Record<string, Field>>;

/** What a counter is called here. */
export type FieldName = keyof typeof FIELDS;

/** The names in the order in which totals hold them. */
export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

/** The system calls that are timed, and the metric of each. */
export const CALL_METRICS = {
  read: "ktm_sys_read_latency_seconds",
  pread: "ktm_sys_pread_latency_seconds",
} as const;

/** One of the system calls that are timed. */
export type Call = keyof typeof CALL_METRICS;

/** The system calls that are timed. */
export const CALLS = Object.keys(CALL_METRICS) as readonly Call[];

/** A series by the parts of its name that matter here; undefined if nothing of it is read. */
export function fieldOf(
  metric: string,
  labels: Readonly<Record<string, string>>,
  part: string,
): FieldName | undefined {
  return FIELD_NAMES.find((name) => {
    const field: Field = FIELDS[name];
    return field.metric === metric && (field.part ?? "value") === part &&
      (field.label === undefined || labels[field.label[0]] === field.label[1]);
  });
}
