/**
 * Each metric of writemonitor beside a truth that is counted elsewhere, by each way to attach on its own: what the
 * workload says of itself (`tests/truth/writes.h`), what strace sees, and the kernel's own trace of sleeping threads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { WRITEMONITOR } from "../../src/collector/writemonitor/mod.ts";
import { STRATEGIES, type StrategyName } from "../../src/programs/mod.ts";
import { jiffyNs, processId } from "../../src/syscall/mod.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { tracefs } from "../support/kernel/tracefs.ts";
import { LIVE_KERNEL, type Need, needs, unless } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { ELSEWHERE, whyNot } from "../support/strategies.ts";
import { Workload } from "../support/target/workload.ts";
import { Watch } from "../support/watch.ts";
import { assertAmount, assertLatency } from "../truth/expect.ts";
import { assertDone, assertGrown, isWhole } from "./expect.ts";
import { seenIn, traceWrites } from "./strace.ts";
import { limitDirty, ThrottleTracer } from "./tracer.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const WAYS: readonly (readonly [StrategyName, ...StrategyName[]])[] = [
  ["fentry"],
  ["tp_btf"],
  ["tracepoint"],
  ["kprobe"],
  STRATEGIES,
];

/** Why a way is not there; undefined if it is, as all of them together are. */
const REASONS = new Map(WAYS.map((way) => [way, way === STRATEGIES ? undefined : whyNot(way[0])]));

/** A folder on a disk, not in memory. */
const DISK = Deno.env.get("KTM_SCRATCH") ?? "/var/tmp";

/** Writes of each thread in the storm, a fifth of them of each kind. */
const STORM_REPEATS = Number(Deno.env.get("KTM_STORM_REPEATS") ?? 4000);
const STORM_THREADS = 8;

/** What all processes together may have dirtied, and what is written then, how often at most. */
const [DIRTY_LIMIT, DIRTY_MEGABYTES, DIRTY_ROUNDS] = [1 << 20, 24, 20];

interface Bench {
  readonly stage: Stage;
  readonly target: Workload;
  readonly watch: Watch;
  readonly file: string;
}

/** The test of a way that a guest's kernel is known not to have: nothing attaches, and it is said why. */
function absentWay(way: readonly StrategyName[]): Deno.TestDefinition {
  return needs(
    [...LIVE_KERNEL, "mount"],
    `by ${way[0]} alone nothing attaches, and it is said why`,
    async () => {
      await using stage = new Stage();
      await using _tracefs = await tracefs(stage.directory);
      const attach = () => new Watch(stage.cgroup, way, WRITEMONITOR);
      assert.throws(attach, { message: /^Cannot \w+ .+: .+/ });
    },
  );
}

function testByEachWay(
  title: string,
  wanted: readonly Need[],
  run: (bench: Bench, t: Deno.TestContext) => Promise<void>,
): void {
  for (const way of WAYS) {
    const reason = REASONS.get(way);
    if (reason === ELSEWHERE) continue;
    const name = way === STRATEGIES ? "as ktm attaches" : `by ${way[0]} alone`;
    const test = {
      ...needs([...LIVE_KERNEL, "cc", "mount", ...wanted], `${name} ${title}`, () => {}),
      fn: async (t: Deno.TestContext) => {
        await using stage = new Stage();
        await using _tracefs = await tracefs(stage.directory);
        const target = await Workload.start(stage, `${stage.prefix}-t`, stage.cgroup);
        const file = `${DISK}/${stage.prefix}`;
        const descriptors = openDescriptors().size;
        {
          using watch = new Watch(stage.cgroup, way, WRITEMONITOR);
          try {
            await run({ stage, target, watch, file }, t);
          } finally {
            await Deno.remove(file).catch(() => {});
          }
        }
        assert.equal(openDescriptors().size, descriptors);
      },
    };
    Deno.test(unless(reason, test));
  }
}

for (const way of WAYS) if (REASONS.get(way) === ELSEWHERE) Deno.test(absentWay(way));

testByEachWay("every write to a file counts, and no other", [], async (bench, t) => {
  const { target, watch, file } = bench;
  await t.step("files, pipes, sockets and descriptors that are nothing", async () => {
    watch.since();
    const done = await target.do("writes", file, 200);
    // Of each write of the family, and one that fails with each, and two more.
    assert.deepEqual([done.writes[0], done.writes[2]], [1000, 1400]);
    assert.deepEqual(done.syncs, [[20, 400], [20, 400], [20, 400]]);
    assertDone(watch.since(), done);
  });
  await t.step("calls of the 32-bit table are none of the calls whose numbers they have", async () => {
    watch.since();
    const done = await target.do("compat_writes", file, 250);
    // Where the kernel takes such calls at all.
    assert.ok(Deno.build.arch !== "x86_64" || [0, 250].includes(done.compat!), String(done.compat));
    assertDone(watch.since(), done);
  });
  await t.step("no call takes longer than the process sees", async () => {
    watch.since();
    const done = await target.do("timed_writes", file, 12);
    const values = watch.since();
    assertDone(values, done);
    const fsync = 'ktm_sys_fsync_latency_seconds{call="fsync"}';
    if (isWhole(values)) assertLatency(values, fsync, done.sync_bounds!);
    const bounds = done.bounds!.reduce((sum, [, most]) => sum + most, 0);
    const short = done.sync_bounds!.length;
    assert.equal(done.writes[0], done.bounds!.length + short);
    // Beside those whose time is known there are as many of one byte, which take less than the longest of the others.
    const longest = Math.max(...done.bounds!.map(([, most]) => most));
    assertAmount("sum", values.get("ktm_sys_write_latency_seconds_sum")!, [1, bounds + short * longest]);
  });
  await t.step("threads on all processors that write at full speed", async () => {
    watch.since();
    const done = await target.do("write_storm", file, STORM_THREADS, STORM_REPEATS);
    assert.equal(done.writes[0], 5 * STORM_THREADS * STORM_REPEATS);
    assertDone(watch.since(), done, watch.exact("sys_write") === false);
  });
});

testByEachWay("strace sees the same writes", ["strace"], async ({ stage, target, watch, file }) => {
  const log = `${stage.directory}/strace`;
  const strace = stage.track(await traceWrites(target.child.pid, log));
  watch.since();
  const done = await target.do("writes", file, 50);
  const values = watch.since();
  // What it has seen is in the log once it has ended.
  strace.kill("SIGINT");
  await strace.outcome();
  const seen = seenIn(await Deno.readTextFile(log), file);
  assert.deepEqual(seen.writes, done.writes);
  assert.ok(seen.others >= 50 * 4 * 5);
  assertGrown(values, {
    ktm_sys_write_latency_seconds_count: seen.writes[0],
    ktm_sys_write_bytes_total: seen.writes[1],
    ktm_sys_write_errors_total: seen.writes[2],
    ...Object.fromEntries(
      Object.entries(seen.syncs).flatMap(([call, [succeeded, , failed]]) => [
        [`ktm_sys_fsync_latency_seconds{call="${call}"}_count`, succeeded],
        [`ktm_sys_fsync_errors_total{call="${call}"}`, failed],
      ]),
    ),
  });
  // It begins before the programs do, ends after them, and rounds to microseconds.
  const rounding = 1000 * (seen.writes[0] + 50);
  assertAmount("writes", values.get("ktm_sys_write_latency_seconds_sum")!, [1, seen.writeNs + rounding]);
  const fsync = values.get('ktm_sys_fsync_latency_seconds{call="fsync"}_sum')!;
  assertAmount("fsync", fsync, [1, seen.fsyncNs + rounding]);
});

testByEachWay("sleep for dirty pages is what the kernel traces of it", [], async (bench) => {
  const { stage, target, watch, file } = bench;
  const exact = watch.exact("dirty_throttle");
  await using tracer = new ThrottleTracer(stage.prefix);
  await tracer.start(target.child.pid);
  watch.since();
  let wall = 0;
  {
    using _limit = limitDirty(DIRTY_LIMIT);
    // A disk may be so fast that what waits for it at first is nothing.
    for (let round = 0; round < DIRTY_ROUNDS && (await tracer.read()).sleeps === 0; round++) {
      wall += (await target.do("dirty", file, DIRTY_MEGABYTES)).wall_ns!;
    }
  }
  const values = watch.since();
  const { sleeps, pauseMs } = await tracer.read();
  assert.ok(sleeps > 0, "the kernel made nothing wait");
  // A sleep begins in the middle of a jiffy.
  const [jiffy, said] = [Number(jiffyNs()), pauseMs * 1e6];
  const writes = watch.exact("sys_write") === true && isWhole(values);
  if (writes) {
    const sum = values.get("ktm_sys_write_latency_seconds_sum")!;
    assertAmount("writes", sum, [said - sleeps * jiffy, wall]);
  }
  if (exact === undefined) return assert.equal(values.get("ktm_dirty_throttle_events_total"), undefined);
  if (!isWhole(values)) return;
  assertAmount("sleeps", values.get("ktm_dirty_throttle_events_total")!, sleeps);
  // What the trace tells is rounded down to milliseconds.
  const stall = values.get("ktm_dirty_throttle_stall_seconds_total")!;
  assertAmount(
    "stall",
    stall,
    exact ? [said - sleeps * jiffy, wall] : [said, said + sleeps * 1_000_000],
  );
});
