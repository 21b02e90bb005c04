/**
 * Global direct reclaim, which needs a machine that is short of memory: for virtual machines only.
 *
 * Not named `_test.ts`, so that no other machine runs it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { scansAreExact } from "../support/kernel/memory_limit.ts";
import { needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { Watch } from "../support/watch.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** What there is to reclaim, and what is read meanwhile. */
const [CACHED_PAGES, READ_PAGES] = [24_576, 8192];

/** Memory that the kernel is to keep free for itself; below it, who wants a page has to free some first. */
const RESERVE = "/proc/sys/vm/min_free_kbytes";

/** How much more than is free; less than there is to reclaim, or processes would be killed. */
const SHORT_OF_KB = 24 << 10;

/** How often it is tried at most. */
const ATTEMPTS = 20;

function kilobytesFree(): number {
  return Number(/^MemFree: +(\d+) kB$/m.exec(Deno.readTextFileSync("/proc/meminfo"))![1]);
}

/** What the kernel counts of all processes: entries into direct reclaim, pages scanned and reclaimed in it. */
function machine(): Record<"entries" | "scanned" | "reclaimed", bigint> {
  const text = Deno.readTextFileSync("/proc/vmstat");
  const sum = (name: RegExp) => [...text.matchAll(name)].reduce((sum, [, value]) => sum + BigInt(value!), 0n);
  return {
    entries: sum(/^allocstall_\w+ (\d+)$/gm),
    scanned: sum(/^pgscan_direct (\d+)$/gm),
    reclaimed: sum(/^pgsteal_direct (\d+)$/gm),
  };
}

Deno.test(
  needs(
    ["root", "btf", "cgroup2", "cc"],
    "direct reclaim of the target is within that of the machine",
    async () => {
      await using stage = new Stage();
      const target = await Workload.start(stage, `${stage.prefix}-t`, stage.cgroup);
      const witness = await Workload.start(stage, "witness", stage.makeCgroup("-others"));
      using watch = new Watch(stage.cgroup);
      const file = `${Deno.env.get("KTM_SCRATCH")}/${stage.prefix}`;
      const others = stage.makeCgroup("-readers");
      const reserve = await Deno.readTextFile(RESERVE);
      await witness.do("create", file, READ_PAGES);
      await witness.do("create", `${file}-cached`, CACHED_PAGES);
      let isProved = false;
      for (let attempt = 0; attempt < ATTEMPTS && !isProved; attempt++) {
        await witness.do("evict", file);
        await witness.do("pressure", `${file}-cached`, `${others}/cgroup.procs`);
        watch.since();
        const before = machine();
        const work = target.do("pressure", file, `${stage.cgroup}/cgroup.procs`);
        await Deno.writeTextFile(RESERVE, String(kilobytesFree() + SHORT_OF_KB));
        const { wall_ns } = await work;
        await Deno.writeTextFile(RESERVE, reserve);
        const values = watch.since();
        const after = machine();
        const entries = values.get("ktm_memory_direct_reclaim_begin_total")!;
        const stall = values.get('ktm_memory_reclaim_stall_seconds_total{kind="direct"}')!;
        assert.ok(entries <= after.entries - before.entries);
        const scanned = values.get("ktm_memory_lru_pages_scanned_total")!;
        assert.ok(!scansAreExact() || scanned <= after.scanned - before.scanned);
        assert.ok(values.get("ktm_memory_lru_pages_reclaimed_total")! <= after.reclaimed - before.reclaimed);
        assert.ok(stall <= BigInt(wall_ns!));
        if (values.get('ktm_missed_program_runs_total{module="iomonitor"}') === 0n) {
          assert.equal(stall > 0n, entries > 0n);
        }
        assert.equal(values.get("ktm_memory_direct_reclaim_processes"), entries > 0n ? 1n : 0n);
        assert.equal(values.get("ktm_memory_memcg_reclaim_begin_total"), 0n);
        isProved = entries > 0n && values.get("ktm_memory_lru_pages_reclaimed_total")! > 0n;
      }
      assert.ok(isProved, "the target never entered direct reclaim");
    },
  ),
);
