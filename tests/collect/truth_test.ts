/**
 * Each metric beside a truth that is counted elsewhere, by each way to attach on its own.
 *
 * What a workload did is what it says itself (`tests/truth/workload.c`); what is in the page cache is what
 * mincore(2), cachestat(2) and /proc/kpageflags say to a process that is not watched; what a memory cgroup
 * reclaimed is what its statistics say. A metric that a scenario says nothing about has to stand still.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BUCKET_BOUNDS } from "../../src/metrics/mod.ts";
import { STRATEGIES, type StrategyName } from "../../src/programs/mod.ts";
import { processId } from "../../src/syscall/mod.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { excuse } from "../support/excuses.ts";
import { limitMemory, type Range, scansAreExact } from "../support/kernel/memory_limit.ts";
import { tracefs } from "../support/kernel/tracefs.ts";
import { LIVE_KERNEL, needs, unless } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { ELSEWHERE, whyNot } from "../support/strategies.ts";
import { Workload } from "../support/target/workload.ts";
import { type Values, Watch } from "../support/watch.ts";
import {
  assertAmount,
  assertCounted,
  assertCrowdCounted,
  assertLatency,
  assertSumsFit,
  excuseMissed,
  MISSED,
} from "../truth/expect.ts";
import { type Bench, CACHE, coldFile, crowd, inCache, type Scenario, SYSCALLS } from "../truth/scenarios.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** The ways to attach: each alone, with what is derived from tracepoints, and as KTM chooses among them. */
const WAYS: readonly (readonly [StrategyName, ...StrategyName[]])[] = [
  ["fentry"],
  ["tp_btf", "derived"],
  ["tracepoint"],
  ["kprobe"],
  STRATEGIES,
];

/** A folder on a disk, not in memory. */
const DISK = Deno.env.get("KTM_SCRATCH") ?? "/var/tmp";

/** Reads and preads of each thread in the storm: 1.28 million in all, fewer where a processor is emulated. */
const STORM_REPEATS = Number(Deno.env.get("KTM_STORM_REPEATS") ?? 40_000);

/** By how much slower than usual the machine is. */
const SLOWNESS = Number(Deno.env.get("KTM_SLOWNESS") ?? 1);

/**
 * Threads that make calls at the same time, and processes that read more than their cgroup may hold. Fewer where a
 * processor is emulated, yet more threads than kretprobes are prepared for: twice the number of processors, and at
 * least 10.
 */
const { threads: THREADS, readers: READERS } = SLOWNESS > 1
  ? { threads: 300, readers: 1 }
  : { threads: 2000, readers: 3 };

/** How often a delay is tried that the machine may be too slow for. */
const LATENCY_ATTEMPTS = 20;

/** How long reads are delayed; where a processor is emulated and shared, not all of it need be certain. */
const [DELAYS_MS, MOST_UNCERTAIN] = [[3, 20, 100], SLOWNESS > 1 ? 2 : 0] as const;

/** The limit of a memory cgroup, and what is read in it. */
const [LIMIT_PAGES, PRESSURE_PAGES, PAGE_SIZE] = [2048, 6144, 4096];

/** Compares what was counted with what a scenario did. */
async function judge(bench: Bench, { run, isCrowded = false }: Scenario): Promise<void> {
  const { watch } = bench;
  watch.since();
  const outcome = await run(bench);
  if (isCrowded) assertCrowdCounted(watch, outcome);
  else assertCounted(watch.since(), outcome);
}

/**
 * Reads that end after a known time, until of each time one is certain to be in one bucket: where a processor
 * is emulated and shared, the shortest times may never be, but the longest has 30 ms to spare.
 */
async function judgeLatency({ target, watch }: Bench): Promise<void> {
  const bucketOf = (ns: number) => BUCKET_BOUNDS.findIndex((bound) => ns <= bound);
  const certain = new Set<number>();
  for (const ms of DELAYS_MS) {
    for (let attempt = 0; attempt < LATENCY_ATTEMPTS && !certain.has(ms); attempt++) {
      watch.since();
      const done = await target.do("delay", ms, 2);
      const values = watch.since();
      assertCounted(values, { done });
      assertLatency(values, "ktm_sys_read_latency_seconds", done.bounds!);
      const isCertain = done.bounds!.some(([least, most]) => bucketOf(least) === bucketOf(most));
      if (isCertain && values.get(MISSED) === 0n) certain.add(ms);
    }
  }
  const uncertain = DELAYS_MS.filter((ms) => !certain.has(ms));
  excuse("uncertain delays", uncertain.length, `of ${uncertain} ms, each tried ${LATENCY_ATTEMPTS} times`);
  assert.ok(uncertain.length <= MOST_UNCERTAIN, "too few delays are certain to be in one bucket");
  watch.since();
  const done = await target.do("slow", 24);
  const values = watch.since();
  assertCounted(values, { done });
  assertLatency(values, "ktm_sys_pread_latency_seconds", done.bounds!);
}

/** Pages that may be on their way into the cache, and those of the process beside its file. */
const SLACK_PAGES = 128;

/** What is in both ranges. */
function narrower(one: Range, other: Range): Range {
  return [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
}

/** Several processes that read more than their cgroup may hold. */
async function judgeReclaim(bench: Bench): Promise<void> {
  const { stage, target, watch, file } = bench;
  let before = 0;
  const some: Range = [1, Number.MAX_SAFE_INTEGER];
  const stall = (values: Values, kind: string) =>
    values.get(`ktm_memory_reclaim_stall_seconds_total{kind="${kind}"}`);
  await coldFile(bench, PRESSURE_PAGES);
  await using limit = limitMemory(stage, LIMIT_PAGES * PAGE_SIZE);
  assert.ok(limit, "no memory controller is mounted");
  for (let process = 0; process < READERS; process++) {
    await limit.since();
    watch.since();
    const done = await target.do("pressure", file, limit.procs);
    const values = watch.since();
    const { entries, scanned, reclaimed, adds, deletes } = await limit.since();
    const added = done.fetched! / PAGE_SIZE;
    const cached = (await inCache(bench)).pages;
    // What came in and is not there any more has been reclaimed; readahead may be on its way still.
    const gone: Range = [added - cached + before - SLACK_PAGES, added - cached + before + SLACK_PAGES];
    before = cached;
    assert.ok(entries[1] > 0);
    assertCounted(values, {
      done,
      expected: {
        ktm_memory_memcg_reclaim_begin_total: entries,
        ktm_memory_direct_reclaim_processes: 1,
        ktm_memory_lru_pages_scanned_total: scansAreExact() ? scanned : [scanned[0], some[1]],
        ktm_memory_lru_pages_reclaimed_total: narrower(reclaimed, gone),
        ktm_memory_lru_shrink_events_total: some,
        ktm_page_cache_adds_total: narrower(adds, [1, added]),
        ktm_page_cache_added_pages_total: added,
        ktm_page_cache_deletes_total: narrower(deletes, [1, gone[1]]),
        ktm_cache_read_attempts_total: some,
        ktm_cache_misses_total: some,
      },
    });
    assert.equal(stall(values, "direct") ?? 0n, 0n);
    const memcg = stall(values, "memcg");
    const least = values.get(MISSED) === 0n ? 1 : 0;
    if (memcg !== undefined) assertAmount("stall", memcg, [least, done.wall_ns!]);
  }
}

/** Calls on all processors at full speed, with collections meanwhile, each of which has to agree with itself. */
async function judgeStorm({ target, watch }: Bench): Promise<void> {
  watch.since();
  const [processes, threads] = [4, 4];
  let isOver = false;
  const storm = target.do("storm", processes, threads, STORM_REPEATS).finally(() => isOver = true);
  while (!isOver) {
    for (let collection = 0; collection < 20; collection++) assertSumsFit(watch.soFar());
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const done = await storm;
  assert.equal(done.read[0] + done.pread[0], 2 * processes * threads * STORM_REPEATS);
  assertCrowdCounted(watch, { done });
}

function assertExact(watch: Watch): void {
  for (const probe of ["sys_read", "sys_pread64", "fadvise"]) assert.equal(watch.exact(probe), true, probe);
}

/** The probes without which a way is not there: what is not attached has no series, and no series is wrong. */
const CALLS = ["sys_read", "sys_pread64", "fadvise"];

/** Asserts that a way is there as a whole, or that it is not where that is known. */
function assertAttached(watch: Watch, isWhole: boolean): void {
  const missing = CALLS.filter((probe) => watch.exact(probe) === undefined);
  if (isWhole) assert.deepEqual(missing, []);
  else assert.notDeepEqual(missing, [], "this way is there: name it in KTM_STRATEGIES");
}

function nameOf(way: readonly StrategyName[]): string {
  return way === STRATEGIES ? "as ktm attaches" : `by ${way[0]} alone`;
}

for (const way of WAYS) {
  const reason = way === STRATEGIES ? undefined : whyNot(way[0]);
  const isWhole = reason !== ELSEWHERE;
  const test = {
    ...needs(
      [...LIVE_KERNEL, "cc", "mount"],
      `${nameOf(way)} every metric${isWhole ? "" : " that it has"} is the truth`,
      () => {},
    ),
    fn: async (t: Deno.TestContext) => {
      await using stage = new Stage();
      await using _tracefs = await tracefs(stage.directory);
      const others = stage.makeCgroup("-others");
      const target = await Workload.start(stage, `${stage.prefix}-t`, stage.cgroup);
      const witness = await Workload.start(stage, "witness", others);
      await target.do("block");
      const descriptors = openDescriptors().size;
      {
        using watch = new Watch(stage.cgroup, way);
        assertAttached(watch, isWhole);
        const file = `${DISK}/${stage.prefix}`;
        const bench: Bench = { stage, target, witness, watch, file };
        try {
          for (const scenario of [...SYSCALLS, crowd(THREADS), ...CACHE]) {
            await t.step(scenario.name, () => judge(bench, scenario));
          }
          await t.step("reads are in the bucket of their duration", () => judgeLatency(bench));
          await t.step("reclaim at the limit of a memory cgroup", () => judgeReclaim(bench));
          await t.step("no call is lost on several processors", () => judgeStorm(bench));
          if (way === STRATEGIES) await t.step("what counts calls is exact", () => assertExact(watch));
        } finally {
          await Deno.remove(file).catch(() => {});
        }
      }
      assert.equal(openDescriptors().size, descriptors);
      excuseMissed(nameOf(way));
    },
  };
  Deno.test(isWhole ? unless(reason, test) : test);
}
