/** What a process uses: procmonitor beside what `/proc` and the process itself say. */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { threadsOf } from "../privileges/threads.ts";
import { openDescriptors } from "../support/descriptors.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { isInMemory, numbersIn, statField, targetOf, Threads, Watching } from "./harness.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = [...LIVE_KERNEL, "cc"] as const;

/** A tick: what a thread has run since the scheduler looked last is in no sum yet. */
const TICK_NS = 10e6;

/** What each thread that is there has waited for a processor: the second field. */
function waitNs(pid: number): number {
  return threadsOf(pid)
    .map((task) => Number(Deno.readTextFileSync(`/proc/${pid}/task/${task}/schedstat`).split(" ")[1]))
    .reduce((a, b) => a + b, 0);
}

Deno.test(needs(NEEDED, "processor time is that of all threads, also of those that have ended", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  using watching = new Watching(targetOf(threads.pid, stage.cgroup));
  const cpu = () => watching.value("ktm_process_cpu_seconds_total");
  await threads.do("burn 4 100");
  assert.equal(threadsOf(threads.pid).length, 1);
  const { cpuNs } = await threads.usage();
  const read = cpu();
  assert.ok(read >= 400e6 && Math.abs(read - cpuNs) < TICK_NS, `${read} ${cpuNs}`);
  const ticks = Number(statField(threads.pid, 14)) + Number(statField(threads.pid, 15));
  assert.ok(Math.abs(read - ticks * 10e6) <= 2 * TICK_NS, `${read} ${ticks}`);
}));

Deno.test(
  needs(
    NEEDED,
    "time waited for a processor is that of all threads, also of those that have ended",
    async () => {
      await using stage = new Stage();
      const threads = await Threads.start(stage);
      using watching = new Watching(targetOf(threads.pid, stage.cgroup));
      const wait = () => watching.value("ktm_process_cpu_wait_seconds_total");
      await threads.do("spin 8");
      await until("wait for a processor", () => wait() > 200e6);
      const [before, between, after] = [waitNs(threads.pid), wait(), waitNs(threads.pid)];
      assert.ok(before <= between && between <= after, `${before} ${between} ${after}`);
      await threads.do("rest");
      assert.equal(threadsOf(threads.pid).length, 1);
      assert.ok(waitNs(threads.pid) < between);
      const kept = wait();
      assert.ok(kept >= between, `${kept} ${between}`);
      await threads.do("burn 1 1");
      const later = wait();
      assert.ok(later >= kept && later - kept < between, `${later} ${kept}`);
    },
  ),
);

Deno.test(needs(NEEDED, "major faults and bytes of storage are what /proc says", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  using watching = new Watching(targetOf(threads.pid, stage.cgroup));
  const file = `${stage.directory}/file`;
  const before = watching.read();
  await threads.do(`write ${file} ${256 * 4096}`);
  await threads.do(`fault ${file}`);
  const [read, io] = [watching.read(), numbersIn(`/proc/${threads.pid}/io`)];
  assert.equal(read.get("ktm_process_storage_written_bytes_total"), io.write_bytes);
  assert.equal(read.get("ktm_process_storage_read_bytes_total"), io.read_bytes);
  const { majorFaults } = await threads.usage();
  assert.equal(read.get("ktm_process_major_faults_total"), majorFaults);
  if (isInMemory(stage.directory)) return;
  assert.ok(io.write_bytes! >= 256 * 4096);
  assert.ok(majorFaults > before.get("ktm_process_major_faults_total")!);
}));

Deno.test(needs(NEEDED, "threads are counted, and of them those that ps shows as D", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  using watching = new Watching(targetOf(threads.pid, stage.cgroup));
  await threads.do("idle 20");
  await threads.do("block 7");
  const inState = (state: string) =>
    threadsOf(threads.pid).filter((task) => statField(threads.pid, 3, task) === state).length;
  await until("blocked threads", () => inState("D") === 7);
  const read = watching.read();
  assert.equal(read.get("ktm_process_threads"), 28);
  assert.equal(read.get("ktm_process_blocked_threads"), 7);
  await threads.do("release");
  assert.equal(watching.value("ktm_process_blocked_threads"), 0);
  assert.equal(watching.value("ktm_process_threads"), 21);
}));

Deno.test(needs(NEEDED, "what a process used while another was the target does not count", async () => {
  await using stage = new Stage();
  const [first, second] = [await Threads.start(stage), await Threads.start(stage)];
  await second.do("burn 1 500");
  using watching = new Watching(targetOf(first.pid, stage.cgroup));
  const before = watching.value("ktm_process_cpu_seconds_total");
  first.child.kill("SIGKILL");
  await first.child.outcome();
  watching.target = targetOf(second.pid, stage.cgroup);
  const after = watching.value("ktm_process_cpu_seconds_total");
  assert.ok(after >= before && after - before < 250e6, `${before} ${after}`);
}));

Deno.test(needs(NEEDED, "counters go on with the next process, and with a new target from zero", async () => {
  await using stage = new Stage();
  const first = await Threads.start(stage);
  using watching = new Watching(targetOf(first.pid, stage.cgroup));
  await first.do("burn 1 100");
  const had = watching.read();
  await first.child.endInput();
  assert.equal((await first.child.outcome()).code, 0);
  const ended = watching.read();
  const counters = [...had].filter(([name]) => /^ktm_process_.*_total/.test(name));
  assert.equal(counters.length, 5);
  for (const [name, value] of counters) assert.ok(ended.get(name)! >= value, name);
  assert.ok(!ended.has("ktm_process_threads") && !ended.has("ktm_calls_in_flight read"));
  assert.match(watching.monitor.health().reason, /^process \d+ has ended, or /);

  const second = await Threads.start(stage);
  watching.target = targetOf(second.pid, stage.cgroup);
  await second.do("burn 1 50");
  const both = watching.value("ktm_process_cpu_seconds_total");
  const own = (await second.usage()).cpuNs;
  assert.ok(Math.abs(both - ended.get("ktm_process_cpu_seconds_total")! - own) < TICK_NS);
  assert.deepEqual(watching.monitor.health(), { state: "full", reason: "" });
  watching.monitor.detach();
  assert.deepEqual(watching.monitor.read(), []);
  watching.monitor.attach({});
  const anew = watching.value("ktm_process_cpu_seconds_total");
  assert.ok(anew >= 50e6 && anew < both - 90e6, `${anew} ${both}`);
}));

Deno.test(
  needs(
    NEEDED,
    "of a target without a process there is nothing but its cgroup, and health says why",
    async () => {
      await using stage = new Stage();
      const { mode, cgroup, others, reason } = targetOf(Deno.pid, stage.cgroup);
      assert.equal(mode, "full");
      const target = { mode: "full", cgroup: cgroup!, others, reason } as const;
      using watching = new Watching(target);
      assert.ok([...watching.read().keys()].every((name) => !/^ktm_(process|call)/.test(name)));
      assert.match(watching.monitor.health().reason, /^the target is a cgroup, /);
      watching.target = { ...target, process: { pid: 0, comm: "threads", startTime: 1n } };
      assert.ok([...watching.read().keys()].every((name) => !/^ktm_(process|call)/.test(name)));
      assert.match(watching.monitor.health().reason, /shareProcessNamespace: true$/);
    },
  ),
);

Deno.test(needs(NEEDED, "a process that has the number of the target's is not the target's", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  const target = targetOf(threads.pid, stage.cgroup);
  const { pid, comm, startTime } = target.process!;
  using watching = new Watching({ ...target, process: { pid, comm, startTime: startTime - 1n } });
  assert.ok(!watching.read().has("ktm_process_cpu_seconds_total"));
}));

Deno.test(needs(NEEDED, "a reading leaves no descriptor behind, nor does the module", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  const before = openDescriptors().size;
  {
    using watching = new Watching(targetOf(threads.pid, stage.cgroup));
    watching.read();
    const attached = openDescriptors().size;
    for (let index = 0; index < 10; index++) watching.read();
    assert.equal(openDescriptors().size, attached);
  }
  assert.equal(openDescriptors().size, before);
}));
