/** What iomonitor observes, and how. @module */
import { type Probe, probe } from "../../programs/mod.ts";

const BTF_SYSCALLS = ["btf_sys_exit", "btf_sys_enter"];
const READS = ["sys_read", "sys_pread64"];

/**
 * All probes.
 *
 * The order is that of cost: entry and exit of a system call's function touch no other call, while any
 * system call tracepoint slows down all of them; BTF-enabled tracepoints cost about half of what classic
 * ones do, and kprobes most. Of what happens inside the kernel, tracepoints are part of its interface, so
 * they go before functions.
 */
export const PROBES: readonly Probe[] = [
  probe("sys_read", {
    fentry: ["fexit_read", "fentry_read"],
    tp_btf: BTF_SYSCALLS,
    tracepoint: ["tp_exit_read", "tp_enter_read"],
    kprobe: ["kretprobe_read", "kprobe_read"],
  }),
  probe("sys_pread64", {
    fentry: ["fexit_pread", "fentry_pread"],
    tp_btf: BTF_SYSCALLS,
    tracepoint: ["tp_exit_pread", "tp_enter_pread"],
    kprobe: ["kretprobe_pread", "kprobe_pread"],
  }),
  probe("fadvise", {
    fentry: ["fexit_fadvise"],
    tp_btf: BTF_SYSCALLS,
    tracepoint: ["tp_exit_fadvise", "tp_enter_fadvise"],
    kprobe: ["kretprobe_fadvise", "kprobe_fadvise"],
  }),
  {
    probe: "cache_lookup",
    strategies: [
      { strategy: "tp_btf", programs: ["btf_cache_lookup"], exact: true },
      { strategy: "tracepoint", programs: ["tp_cache_lookup"], exact: true },
      // A look-up that finds a page on its way from the disk is repeated when the page is there.
      { strategy: "fentry", programs: ["fexit_cache_lookup"], exact: false },
      // A look-up that finds nothing is repeated after the read, and the entry cannot tell.
      { strategy: "kprobe", programs: ["kprobe_cache_lookup"], exact: false },
      { strategy: "fentry", programs: ["fentry_buffered_read"], exact: false },
      { strategy: "kprobe", programs: ["kprobe_buffered_read"], exact: false },
    ],
  },
  probe("cache_add", { tp_btf: ["btf_cache_add"], tracepoint: ["tp_cache_add"] }),
  probe("cache_delete", { tp_btf: ["btf_cache_delete"], tracepoint: ["tp_cache_delete"] }),
  {
    probe: "cache_miss",
    strategies: [
      { strategy: "fentry", programs: ["fentry_cache_miss"], needs: READS, exact: true },
      { strategy: "kprobe", programs: ["kprobe_cache_miss"], needs: READS, exact: true },
      // A read during which a folio was added: readahead adds folios, too, so this is an upper bound.
      { strategy: "derived", programs: [], needs: [...READS, "cache_add"], exact: false },
    ],
  },
  probe("lru_shrink", { tp_btf: ["btf_lru_shrink"], tracepoint: ["tp_lru_shrink"] }),
  probe("direct_reclaim", {
    tp_btf: ["btf_direct_end", "btf_direct_begin"],
    tracepoint: ["tp_direct_end", "tp_direct_begin"],
    kprobe: ["kretprobe_direct_end", "kprobe_direct_begin"],
  }),
  probe("memcg_reclaim", {
    tp_btf: ["btf_memcg_end", "btf_memcg_begin"],
    tracepoint: ["tp_memcg_end", "tp_memcg_begin"],
    kprobe: ["kretprobe_memcg_end", "kprobe_memcg_begin"],
  }),
];

/** What programs attach to on arm64, where it differs from what their section names say. */
export const ARM64_TARGETS: Readonly<Record<string, string>> = {
  fentry_read: "__arm64_sys_read",
  fexit_read: "__arm64_sys_read",
  fentry_pread: "__arm64_sys_pread64",
  fexit_pread: "__arm64_sys_pread64",
  fexit_fadvise: "__arm64_sys_fadvise64_64",
  kprobe_fadvise: "fadvise64_64",
  kretprobe_fadvise: "fadvise64_64",
  tp_enter_fadvise: "syscalls/sys_enter_fadvise64_64",
  tp_exit_fadvise: "syscalls/sys_exit_fadvise64_64",
};
