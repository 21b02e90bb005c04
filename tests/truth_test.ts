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
import { LATENCY_BOUNDS, STRATEGIES, type StrategyName } from "../src/collector/iomonitor/mod.ts";
import { processId } from "../src/syscall/mod.ts";
import { openDescriptors } from "./support/descriptors.ts";
import { limitMemory, type Range, scansAreExact } from "./support/memory_limit.ts";
import { LIVE_KERNEL, needs } from "./support/needs.ts";
import { Stage } from "./support/stage.ts";
import { tracefs } from "./support/tracefs.ts";
import { type Values, Watch } from "./support/watch.ts";
import { type Done, Workload } from "./support/workload.ts";

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

/** The ways that this kernel has, where somebody knows. */
const EXPECTED = Deno.env.get("KTM_STRATEGIES")?.split(",") ?? [];

/** A folder on a disk, not in memory. */
const DISK = Deno.env.get("KTM_SCRATCH") ?? "/var/tmp";

/** Reads and preads of each thread in the storm: 1.28 million in all, fewer where a processor is emulated. */
const STORM_REPEATS = Number(Deno.env.get("KTM_STORM_REPEATS") ?? 40_000);

const [PAGES, LIMIT_PAGES, PRESSURE_PAGES, PAGE_SIZE] = [512, 2048, 6144, 4096];
const ADVICE = ["normal", "random", "sequential", "willneed", "dontneed", "noreuse", "other"];

/** Exactly, or at least and at most. */
type Amount = number | Range;
type Expected = Readonly<Record<string, Amount>>;

/** The watched workload, one that is not watched, and what was counted. */
interface Bench {
  readonly stage: Stage;
  readonly target: Workload;
  readonly witness: Workload;
  readonly watch: Watch;
  readonly file: string;
}

/** What a scenario did, and what has to be counted beside the system calls that it made itself. */
interface Outcome {
  readonly done: Done;
  /** Reads that failed without the process seeing that. */
  readonly hiddenErrors?: number;
  /** Of other metrics than those of system calls; what is not here is 0. */
  readonly expected?: Expected;
}

interface Scenario {
  readonly name: string;
  /** So many threads sleep in read(2) at the same time that a kretprobe loses some of them. */
  readonly isCrowded?: boolean;
  readonly run: (bench: Bench) => Promise<Outcome>;
}

function callsOf({ done, hiddenErrors = 0 }: Outcome): Expected {
  const { read, pread, fadvise, advice } = done;
  return {
    ktm_sys_read_latency_seconds_count: read[0],
    ktm_sys_read_bytes_total: read[1],
    ktm_sys_read_errors_total: read[2] + hiddenErrors,
    ktm_sys_pread_latency_seconds_count: pread[0],
    ktm_sys_pread_bytes_total: pread[1],
    ktm_sys_pread_errors_total: pread[2],
    ktm_fadvise_calls_total: fadvise[0],
    ktm_fadvise_success_total: fadvise[1],
    ...Object.fromEntries(
      ADVICE.map((name, index) => [`ktm_fadvise_advice_total{advice="${name}"}`, advice[index]!]),
    ),
    ktm_fadvise_dontneed_total: advice[4]!,
  };
}

function assertAmount(name: string, actual: bigint, expected: Amount): void {
  const [least, most] = typeof expected === "number" ? [expected, expected] : expected;
  assert.ok(actual >= BigInt(least) && actual <= BigInt(most), `${name}: ${actual}, not ${least} to ${most}`);
}

/** Asserts that durations of which least and most are known are in their buckets, and in the sum. */
function assertLatency(values: Values, series: string, bounds: readonly (readonly [number, number])[]): void {
  if (values.get(MISSED) !== 0n) return;
  const total = (which: 0 | 1) => bounds.reduce((sum, bound) => sum + bound[which], 0);
  assertAmount(`${series}_sum`, values.get(`${series}_sum`)!, [total(0), total(1)]);
  let below = 0n;
  LATENCY_BOUNDS.forEach((bound, index) => {
    below += values.get(`${series}_bucket[${index}]`)!;
    const certainly = bounds.filter(([, most]) => most <= bound).length;
    const possibly = bounds.filter(([least]) => least <= bound).length;
    assertAmount(`${series} up to ${bound} ns`, below, [certainly, possibly]);
  });
}

/** Asserts that each histogram's sum is one that the counts of its buckets allow. */
function assertSumsFit(values: Values): void {
  const bounds = [0n, ...LATENCY_BOUNDS];
  for (const call of CALLS) {
    const series = `ktm_sys_${call}_latency_seconds`;
    const sum = values.get(`${series}_sum`);
    if (sum === undefined) continue;
    const counts = bounds.map((_, index) => values.get(`${series}_bucket[${index}]`)!);
    const least = counts.reduce((sum, count, index) => sum + count * bounds[index]!, 0n);
    const most = counts.reduce((sum, count, index) => sum + count * (bounds[index + 1] ?? 1n << 63n), 0n);
    assert.ok(sum >= least && sum <= most, `${series}: sum ${sum}, not ${least} to ${most}`);
  }
}

/** The metrics that a name stands for beside itself. */
const SAME_AS: Readonly<Record<string, string>> = {
  ktm_cache_lookups_total: "ktm_cache_read_attempts_total",
  ktm_cache_fills_total: "ktm_page_cache_adds_total",
  ktm_cache_deletes_total: "ktm_page_cache_deletes_total",
};

const CALLS = ["read", "pread"];
const MISSED = "ktm_missed_program_runs_total";

/** Series that are judged on their own. */
const JUDGED_APART = /_latency_seconds_(sum|bucket)|^ktm_memory_reclaim_stall|^ktm_missed_program_runs/;

/**
 * Asserts that each series has grown by what is expected of it.
 *
 * Where the kernel interrupts a program for another task and says how often it then left the program out, that
 * is the most that is expected.
 */
function assertCounted(values: Values, outcome: Outcome): void {
  const expected: Expected = { ...callsOf(outcome), ...outcome.expected };
  const isWhole = values.get(MISSED) === 0n;
  const wrong: string[] = [];
  for (const [series, value] of values) {
    if (JUDGED_APART.test(series)) continue;
    const amount = expected[SAME_AS[series] ?? series] ?? 0;
    try {
      assertAmount(series, value, isWhole ? amount : [0, typeof amount === "number" ? amount : amount[1]]);
    } catch (error) {
      wrong.push((error as Error).message);
    }
  }
  assert.deepEqual(wrong, []);
  assertSumsFit(values);
}

/** What the witness finds of the file in the page cache. */
async function inCache({ witness, file }: Bench): Promise<{ pages: number; folios: number }> {
  const { pages, folios } = await witness.do("cached", file);
  return { pages: pages!, folios: folios! };
}

/** The file, on the disk alone. */
async function coldFile({ witness, file }: Bench, pages = PAGES): Promise<void> {
  await witness.do("create", file, pages);
  await witness.do("evict", file);
}

/** Look-ups of so many batches: some ways count those too that are repeated after a wait for the disk. */
function lookups({ watch }: Bench, batches: number, repeats: number): Amount {
  return watch.exact("cache_lookup") === false ? [batches, batches + repeats] : batches;
}

function simple(name: string, ...words: (string | number)[]): Scenario {
  return { name, run: async ({ target }) => ({ done: await target.do(...words) }) };
}

/** What is counted at most where the ends of some calls are not seen. */
function crowded(outcome: Outcome): Expected {
  const calls = Object.entries(callsOf(outcome)).map(([series, amount]) =>
    [series, [0, typeof amount === "number" ? amount : amount[1]]] as const
  );
  const { read, pread, fadvise } = outcome.done;
  return {
    ...Object.fromEntries(calls),
    ktm_lost_events_total: [0, read[0] + read[2] + pread[0] + pread[2] + fadvise[0]],
  };
}

const SYSCALLS: readonly Scenario[] = [
  {
    name: "a read that began before the attach is no sample, and the thread's next ones are",
    run: async ({ target }) => {
      const done = await target.do("release");
      const [succeeded, bytes, failed] = done.read;
      return { done: { ...done, read: [succeeded - 1, bytes - 1, failed] } };
    },
  },
  simple("calls that succeed and calls that fail", "calls"),
  {
    name: "each advice, an unknown one, and calls that fail",
    run: async ({ target, file, witness }) => {
      await witness.do("create", file, 0);
      return { done: await target.do("fadvise", file) };
    },
  },
  simple("reads that a signal ends, whose handler makes calls of its own", "interrupt", 20),
  {
    name: "a read that goes on after signals: each interruption is an error",
    run: async ({ target }) => ({ done: await target.do("restart", 20), hiddenErrors: 20 }),
  },
  {
    isCrowded: true,
    name: "threads that are killed inside of a call: an error each, and no duration",
    run: async ({ target }) => ({ done: await target.do("cut", 50, "kill"), hiddenErrors: 50 }),
  },
  {
    isCrowded: true,
    name: "threads whose process ends inside of a call: an error each, and no duration",
    run: async ({ target }) => ({ done: await target.do("cut", 50, "exit"), hiddenErrors: 50 }),
  },
  { ...simple("two thousand threads at the same time", "crowd", 2000, 5), isCrowded: true },
];

const CACHE: readonly Scenario[] = [
  {
    name: "cold pages one by one: each is a miss and an add",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("pagewise", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      return {
        done,
        expected: {
          ktm_cache_read_attempts_total: lookups(bench, PAGES, 2 * PAGES),
          ktm_cache_misses_total: PAGES,
          ktm_page_cache_adds_total: folios,
          ktm_page_cache_added_pages_total: pages,
        },
      };
    },
  },
  {
    name: "warm pages: no miss and no add",
    run: async (bench) => ({
      done: await bench.target.do("pagewise", bench.file),
      expected: { ktm_cache_read_attempts_total: lookups(bench, PAGES, 0) },
    }),
  },
  {
    name: "what fadvise takes out of the cache is a delete",
    run: async (bench) => {
      const { folios } = await inCache(bench);
      const done = await bench.target.do("dontneed", bench.file);
      assert.equal((await inCache(bench)).pages, 0);
      return { done, expected: { ktm_page_cache_deletes_total: folios } };
    },
  },
  {
    name: "readahead is an add and no miss",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("sequential", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      const missing = done.missing!;
      assert.ok(missing > 0 && missing < PAGES / 4, `${missing} pages missing`);
      // Before cachestat(2) a page on its way looks as if it were missing.
      const exact: Amount = done.exact ? missing : [1, missing];
      return {
        done,
        expected: {
          ktm_cache_read_attempts_total: lookups(bench, PAGES, 2 * PAGES),
          ktm_cache_misses_total: bench.watch.exact("cache_miss") === false ? [1, PAGES] : exact,
          ktm_page_cache_adds_total: folios,
          ktm_page_cache_added_pages_total: pages,
        },
      };
    },
  },
  {
    name: "what truncation takes out of the cache is a delete",
    run: async (bench) => {
      const { folios } = await inCache(bench);
      const done = await bench.target.do("empty", bench.file);
      return { done, expected: { ktm_page_cache_deletes_total: folios } };
    },
  },
  {
    name: "page faults add, and are neither attempts nor misses",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("fault", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      return {
        done,
        expected: { ktm_page_cache_adds_total: folios, ktm_page_cache_added_pages_total: pages },
      };
    },
  },
  {
    name: "writes add, and are neither attempts nor misses",
    run: async (bench) => {
      await coldFile(bench);
      const done = await bench.target.do("overwrite", bench.file);
      const { pages, folios } = await inCache(bench);
      assert.equal(pages, PAGES);
      return {
        done,
        expected: { ktm_page_cache_adds_total: folios, ktm_page_cache_added_pages_total: pages },
      };
    },
  },
];

/** Compares what was counted with what was done by so many threads that a kretprobe cannot follow them all. */
function assertCrowdCounted(watch: Watch, outcome: Outcome): void {
  const values = watch.since();
  const isExact = watch.exact("sys_read") !== false;
  assertCounted(values, {
    ...outcome,
    expected: { ...outcome.expected, ...isExact ? {} : crowded(outcome) },
  });
  const seen = CALLS.reduce(
    (sum, call) => sum + (values.get(`ktm_sys_${call}_latency_seconds_count`) ?? 0n),
    0n,
  );
  const { read, pread } = outcome.done;
  if (isExact && watch.exact("sys_read") !== undefined) {
    assert.ok(
      seen + values.get(MISSED)! >= BigInt(read[0] + pread[0]),
      `${seen} seen, ${values.get(MISSED)} missed`,
    );
  }
}

/** Compares what was counted with what a scenario did. */
async function judge(bench: Bench, { run, isCrowded = false }: Scenario): Promise<void> {
  const { watch } = bench;
  watch.since();
  const outcome = await run(bench);
  if (isCrowded) assertCrowdCounted(watch, outcome);
  else assertCounted(watch.since(), outcome);
}

/** Reads that end after a known time, until of each time one is certain to be in one bucket. */
async function judgeLatency({ target, watch }: Bench): Promise<void> {
  const bucketOf = (ns: number) => LATENCY_BOUNDS.findIndex((bound) => ns <= bound);
  for (const ms of [3, 20, 100]) {
    for (let [isCertain, attempts] = [false, 0]; !isCertain; attempts++) {
      assert.ok(attempts < 50, `no delay of ${ms} ms is certain`);
      watch.since();
      const done = await target.do("delay", ms, 2);
      const values = watch.since();
      assertCounted(values, { done });
      assertLatency(values, "ktm_sys_read_latency_seconds", done.bounds!);
      isCertain = values.get(MISSED) === 0n &&
        done.bounds!.some(([least, most]) => bucketOf(least) === bucketOf(most));
    }
  }
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
  const processes = 3;
  let before = 0;
  const some: Range = [1, Number.MAX_SAFE_INTEGER];
  const stall = (values: Values, kind: string) =>
    values.get(`ktm_memory_reclaim_stall_seconds_total{kind="${kind}"}`);
  await coldFile(bench, PRESSURE_PAGES);
  await using limit = limitMemory(stage, LIMIT_PAGES * PAGE_SIZE);
  assert.ok(limit, "no memory controller is mounted");
  for (let process = 0; process < processes; process++) {
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

/** Attaches, or tells why that cannot be: a kernel need not have every way. */
function attach(stage: Stage, way: readonly StrategyName[]): Watch | undefined {
  try {
    return new Watch(stage.cgroup, way);
  } catch (error) {
    assert.ok(way !== STRATEGIES && !EXPECTED.includes(way[0]!), error as Error);
    assert.match((error as Error).message, /^Cannot \w+ .+: .+/);
    return undefined;
  }
}

function nameOf(way: readonly StrategyName[]): string {
  return way === STRATEGIES ? "as ktm attaches" : `by ${way[0]} alone`;
}

for (const way of WAYS) {
  Deno.test({
    ...needs([...LIVE_KERNEL, "cc", "mount"], `${nameOf(way)} every metric is the truth`, () => {}),
    fn: async (t) => {
      await using stage = new Stage();
      await using _tracefs = await tracefs(stage.directory);
      const others = stage.makeCgroup("-others");
      const target = await Workload.start(stage, `${stage.prefix}-t`, stage.cgroup);
      const witness = await Workload.start(stage, "witness", others);
      await target.do("block");
      const descriptors = openDescriptors().size;
      {
        using watch = attach(stage, way);
        if (watch === undefined) return;
        const file = `${DISK}/${stage.prefix}`;
        const bench: Bench = { stage, target, witness, watch, file };
        try {
          for (const scenario of [...SYSCALLS, ...CACHE]) {
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
    },
  });
}
