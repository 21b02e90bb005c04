/** What iomonitor observes, and how. @module */
import { type CallName, callPrograms, type Probe, probe } from "../../programs/mod.ts";

/**
 * Reads, each of which has a histogram: the call, what it is called in metrics and in the programs' counters, and in the
 * manual. A new one is a line here, in bpf/iomonitor.bpf.c, and in the tables of calls.
 */
export const READS = [
  { call: "read", name: "read", manual: "read(2)" },
  { call: "pread64", name: "pread", manual: "pread64(2)" },
] as const satisfies readonly { readonly call: CallName; readonly name: string; readonly manual: string }[];

/** The probe of a read. */
export function readProbe({ call }: typeof READS[number]): string {
  return `sys_${call}`;
}

const READ_PROBES = READS.map(readProbe);

/**
 * All probes.
 *
 * The order is that of cost. Of what happens inside the kernel, tracepoints are part of its interface, so they go before
 * functions.
 */
export const PROBES: readonly Probe[] = [
  ...READS.map((read) => probe(readProbe(read), callPrograms(read.call))),
  // It is not timed, and its exit sees its arguments.
  probe("fadvise", { ...callPrograms("fadvise64"), fentry: ["fexit_fadvise64"] }),
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
      { strategy: "fentry", programs: ["fentry_cache_miss"], needs: READ_PROBES, exact: true },
      { strategy: "kprobe", programs: ["kprobe_cache_miss"], needs: READ_PROBES, exact: true },
      // A read during which a folio was added: readahead adds folios, too, so this is an upper bound.
      { strategy: "derived", programs: [], needs: [...READ_PROBES, "cache_add"], exact: false },
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
