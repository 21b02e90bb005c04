/** How processes of the target end, by what the kernel told and by what wait(2) told their parent. */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { pidNamespace } from "../../src/discovery/mod.ts";
import { monotonicMicroseconds, processId } from "../../src/syscall/mod.ts";
import type { ProcessEnd } from "../../src/target/mod.ts";
import { output } from "../support/child.ts";
import { limitMemory } from "../support/kernel/memory_limit.ts";
import { tracefs } from "../support/kernel/tracefs.ts";
import { excuse } from "../support/excuses.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { type Done, Workload } from "../support/target/workload.ts";
import { Watch } from "../support/watch.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** What wait(2) and /proc tell of an end, in the words of {@linkcode ProcessEnd}. */
function expectedEnd([pid, status, startTime]: readonly [number, number, number], isOom = false) {
  const signal = status & 0x7f;
  const cause = signal === 0
    ? { how: "exit", status: status >> 8 }
    : { how: isOom ? "oom" : "signal", signal, dumpedCore: (status & 0x80) !== 0 };
  return { pid, startTime: BigInt(startTime), ...cause };
}

/** The newest ends, without what only the kernel knows. */
function newest(watch: Watch, count: number) {
  return watch.target.ends().slice(-count).map(({ comm: _comm, monotonicMs: _time, ...end }) => end);
}

/** How, with which number, how often; and what has to come of it, for the ways that the kernel might not take. */
const WAYS:
  readonly (readonly [how: string, number: number, times: number, isSo: (end: ProcessEnd) => boolean])[] = [
    ["exit", 0, 1, ({ how, status }) => how === "exit" && status === 0],
    ["exit", 3, 2, ({ how, status }) => how === "exit" && status === 3],
    ["signal", 9, 1, ({ how, signal }) => how === "signal" && signal === 9],
    ["signal", 11, 1, ({ signal, dumpedCore }) => signal === 11 && dumpedCore === false],
    ["signal", 15, 1, ({ signal }) => signal === 15],
    ["core", 6, 1, ({ signal }) => signal === 6],
    ["group", 7, 1, ({ status }) => status === 7],
    ["last_group", 9, 1, ({ status }) => status === 9],
    // Before 5.16 the status is that of the main thread.
    ["last_thread", 8, 1, ({ status }) => status === 8 || status === 99],
    ["race", 5, 100, ({ how }) => how === "exit"],
    ["execve", 10, 1, ({ status }) => status === 10],
  ];

/** How often the kernel left out a program that sees ends, of whichever process: from 7.x on it may. */
const MISSED = 'ktm_missed_program_runs_total{module="target"}';

/** Asserts that the ends are those expected, in their order, but for so many at most. */
function assertEnds(
  actual: readonly unknown[],
  expected: readonly unknown[],
  missed: number,
  how: string,
): void {
  if (missed === 0) return assert.deepEqual(actual, expected, how);
  let at = -1;
  for (const end of actual) {
    at = expected.findIndex((one, index) => index > at && isDeepStrictEqual(one, end));
    assert.ok(at >= 0, `${how}: ${Deno.inspect(end)} is not expected, or not there`);
  }
  assert.ok(expected.length - actual.length <= missed, `${how}: ${actual.length} ends of ${expected.length}`);
}

/** Where a classic tracepoint serves as well. */
const STRATEGIES = ["tp_btf", "tracepoint"] as const;

for (const strategy of STRATEGIES) {
  Deno.test(
    needs([...LIVE_KERNEL, "cc", "mount"], `by ${strategy} each end is what wait(2) tells`, async () => {
      await using stage = new Stage();
      await using _tracefs = await tracefs(stage.directory);
      const target = await Workload.start(stage, stage.prefix, stage.cgroup);
      const stranger = await Workload.start(stage, stage.prefix, stage.makeCgroup("-other"));
      using watch = new Watch(stage.cgroup, [strategy]);
      for (const [how, number, times, isSo] of WAYS) {
        const before = watch.target.ends().length;
        const missedBefore = watch.values().get(MISSED)!;
        const began = Number(monotonicMicroseconds()) / 1000;
        await stranger.do("end", how, number, "-", 1);
        const { ends } = await target.do("end", how, number, "-", times);
        const known = watch.target.ends();
        const missed = Number(watch.values().get(MISSED)! - missedBefore);
        excuse("comparisons with missed runs", missed > 0 ? 1 : 0, `${missed} ends of the way ${how}`);
        assertEnds(newest(watch, known.length - before), ends!.map((end) => expectedEnd(end)), missed, how);
        for (const end of known.slice(before)) {
          assert.ok(isSo(end), `${how} ${number}: ${JSON.stringify({ ...end, startTime: 0 })}`);
          const now = Number(monotonicMicroseconds()) / 1000;
          assert.ok(end.monotonicMs >= began && end.monotonicMs <= now, how);
          // A program that is executed has the name of its file.
          assert.equal(end.comm, how === "execve" ? "exe" : stage.prefix);
        }
      }
      assert.equal(watch.values().get("ktm_oom_kills_total"), 0n);
    }),
  );

  for (const how of ["oom", "last_oom"]) {
    Deno.test(
      needs(
        [...LIVE_KERNEL, "cc", "mount"],
        `by ${strategy} ${how} is an end by the OOM killer`,
        async () => {
          await using stage = new Stage();
          await using _tracefs = await tracefs(stage.directory);
          const target = await Workload.start(stage, stage.prefix, stage.cgroup);
          using watch = new Watch(stage.cgroup, [strategy]);
          await using limit = limitMemory(stage, 16 << 20);
          assert.ok(limit, "no memory controller is mounted");
          const { ends }: Done = await target.do("end", how, 0, limit.procs, 3);
          assert.deepEqual(newest(watch, 99), ends!.map((end) => expectedEnd(end, true)));
          for (const [, status] of ends!) assert.equal(status, 9);
          assert.equal(watch.values().get("ktm_oom_kills_total"), 3n);
          assert.equal(watch.values().get("ktm_oom_kills_total"), 3n);
          // The next one is not taken for a victim because of those before.
          await target.do("end", "signal", 9, "-", 1);
          assert.equal(watch.target.ends().at(-1)!.how, "signal");
          assert.equal(watch.values().get("ktm_oom_kills_total"), 3n);
        },
      ),
    );
  }
}

Deno.test(
  needs([...LIVE_KERNEL, "cc"], "by name alone the ends of its bearers are told, and no others", async () => {
    await using stage = new Stage();
    const target = await Workload.start(stage, stage.prefix, stage.cgroup);
    const stranger = await Workload.start(stage, "stranger", stage.cgroup);
    using watch = new Watch(stage.cgroup);
    watch.target.reprogram({
      commPrefix: stage.prefix,
      commFallback: "when-unset",
      pidNamespace: pidNamespace(),
    });
    await stranger.do("end", "exit", 1, "-", 1);
    const { ends } = await target.do("end", "exit", 4, "-", 1);
    assert.deepEqual(newest(watch, 99), ends!.map((end) => expectedEnd(end)));
  }),
);

/** Where the numbers and the start times of processes are others. */
const NAMESPACES = {
  "a PID namespace": ["--pid", "--fork", "--mount-proc"],
  "a time namespace": ["--time", "--boottime", "864000", "--monotonic", "5000", "--fork"],
};

for (const [namespace, options] of Object.entries(NAMESPACES)) {
  Deno.test(needs([...LIVE_KERNEL, "cc", "mount", "unshare"], `in ${namespace} the same`, async () => {
    const test = [
      Deno.execPath(),
      "test",
      "-A",
      "--no-check",
      "--filter",
      "by tp_btf each",
      import.meta.filename!,
    ];
    const { code, stdout } = await output("unshare", ...options, ...test);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /1 passed/);
  }));
}
