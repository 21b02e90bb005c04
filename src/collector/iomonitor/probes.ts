/**
 * The logical probes and the ways to attach each.
 *
 * @module
 */

/** One way to attach a probe. */
export interface Strategy {
  /** The name that `ktm_probe_info` and `check` show. */
  readonly strategy: "tp_btf" | "tracepoint";
  /** Programs that have to be attached together, the one that ends an interval first. */
  readonly programs: readonly string[];
  /** False if what it counts is only an upper bound. */
  readonly exact: boolean;
}

/** What can be observed, or not, independently of the rest. */
export interface Probe {
  readonly probe: string;
  /** In the order of preference: the first that loads and attaches serves. */
  readonly strategies: readonly Strategy[];
}

const BTF_SYSCALLS = ["btf_sys_exit", "btf_sys_enter"];

function exact(probe: string, btf: readonly string[], classic: readonly string[]): Probe {
  return {
    probe,
    strategies: [
      { strategy: "tp_btf", programs: btf, exact: true },
      { strategy: "tracepoint", programs: classic, exact: true },
    ],
  };
}

/**
 * All probes.
 *
 * BTF-enabled tracepoints go first: they cost about half of what classic ones do and need no tracefs.
 * A cache miss is a read call during which a folio was added: an upper bound, for readahead adds too.
 */
export const PROBES: readonly Probe[] = [
  exact("sys_read", BTF_SYSCALLS, ["tp_exit_read", "tp_enter_read"]),
  exact("sys_pread64", BTF_SYSCALLS, ["tp_exit_pread", "tp_enter_pread"]),
  exact("fadvise", BTF_SYSCALLS, ["tp_exit_fadvise", "tp_enter_fadvise"]),
  exact("cache_lookup", ["btf_cache_lookup"], ["tp_cache_lookup"]),
  exact("cache_add", ["btf_cache_add"], ["tp_cache_add"]),
  exact("cache_delete", ["btf_cache_delete"], ["tp_cache_delete"]),
  {
    probe: "cache_miss",
    strategies: [
      { strategy: "tp_btf", programs: [...BTF_SYSCALLS, "btf_cache_add"], exact: false },
      {
        strategy: "tracepoint",
        programs: ["tp_exit_read", "tp_enter_read", "tp_exit_pread", "tp_enter_pread", "tp_cache_add"],
        exact: false,
      },
    ],
  },
  exact("lru_shrink", ["btf_lru_shrink"], ["tp_lru_shrink"]),
  exact("direct_reclaim", ["btf_direct_end", "btf_direct_begin"], ["tp_direct_end", "tp_direct_begin"]),
  exact("memcg_reclaim", ["btf_memcg_end", "btf_memcg_begin"], ["tp_memcg_end", "tp_memcg_begin"]),
];
