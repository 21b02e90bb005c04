/** Calls in flight, from the state of threads that other modules keep. */
import assert from "node:assert/strict";
import { IOMONITOR_OBJECT } from "../../src/collector/iomonitor/object.ts";
import { IOMONITOR } from "../../src/collector/iomonitor/mod.ts";
import { BpfHelper, BpfObject, hasHelper } from "../../src/loader/mod.ts";
import { callsOf } from "../../src/programs/mod.ts";
import { monotonicMs, processId, stat, syscallNumbers } from "../../src/syscall/mod.ts";
import { LIVE_KERNEL, needs, unless } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { targetOf, Threads, Watching } from "./harness.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const NEEDED = [...LIVE_KERNEL, "cc"] as const;

/** iomonitor's programs for calls, by themselves. */
class Calls implements Disposable {
  readonly #object: BpfObject;
  readonly #scope: Readonly<Record<string, number | bigint>>;

  constructor(cgroup: string) {
    const { read, pread64, fadvise64 } = syscallNumbers();
    const hasTaskStorage = hasHelper(BpfHelper.TASK_STORAGE_GET);
    this.#object = new BpfObject(IOMONITOR_OBJECT, {
      constants: {
        nr_read: read,
        nr_pread64: pread64,
        nr_fadvise64: fadvise64,
        has_task_storage: Number(hasTaskStorage),
        has_ancestor_helper: Number(hasHelper(BpfHelper.GET_CURRENT_ANCESTOR_CGROUP_ID)),
      },
      modules: false,
      absentMaps: [hasTaskStorage ? "ktm_threads" : "ktm_tasks"],
    });
    this.#scope = { cgroup_id: stat(cgroup).inode, cgroup_level: 1 };
    this.putInForce(0n);
    this.attach();
  }

  attach(): void {
    for (const program of ["btf_sys_exit", "btf_sys_enter"]) this.#object.attach(program);
  }

  /** From now on the end of no call is seen. */
  forgetEnds(): void {
    this.#object.detach("btf_sys_exit");
  }

  putInForce(generation: bigint): void {
    this.#object.map("ktm_scope").set(0, { generation, scopes: [this.#scope, this.#scope] });
  }

  get maps() {
    const names = ["ktm_scope", hasHelper(BpfHelper.TASK_STORAGE_GET) ? "ktm_tasks" : "ktm_threads"];
    return Object.fromEntries(names.map((name) => [name, this.#object.map(name)]));
  }

  [Symbol.dispose](): void {
    this.#object.close();
  }
}

Deno.test(needs(NEEDED, "calls that do not return are in flight, and as old as they are", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  using calls = new Calls(stage.cgroup);
  using watching = new Watching(targetOf(threads.pid, stage.cgroup), calls.maps);
  await threads.do("idle 10");
  const started = monotonicMs();
  await threads.do("read 50");
  // The main thread waits for its next command in a read, too.
  await until("50 reads", () => watching.value("ktm_calls_in_flight read") === 51);
  const begun = monotonicMs();
  await until("a second", () => watching.value("ktm_call_oldest_seconds read") > 1e9);
  const [before, read, after] = [monotonicMs(), watching.read(), monotonicMs()];
  const oldestMs = read.get("ktm_call_oldest_seconds read")! / 1e6;
  assert.ok(oldestMs >= before - begun && oldestMs <= after - started, `${before - begun} ${oldestMs}`);
  assert.equal(read.get("ktm_calls_in_flight pread64"), 0);
  assert.equal(read.get("ktm_call_oldest_seconds pread64"), 0);
  await threads.do("release");
  await until("the end of the reads", () => watching.value("ktm_calls_in_flight read") === 1);
}));

Deno.test(needs(NEEDED, "a call that is not watched is not there", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  using calls = new Calls(stage.cgroup);
  const [read] = callsOf(IOMONITOR.probes);
  using watching = new Watching(targetOf(threads.pid, stage.cgroup), calls.maps, [read!]);
  await threads.do("read 3");
  await until("3 reads", () => watching.value("ktm_calls_in_flight read") === 4);
  const names = [...watching.read().keys()].filter((name) => /^ktm_calls_in_flight/.test(name));
  assert.deepEqual(names, ["ktm_calls_in_flight read"]);
  using none = new Watching(targetOf(threads.pid, stage.cgroup), calls.maps, []);
  assert.ok([...none.read().keys()].every((name) => !/^ktm_call/.test(name)));
}));

Deno.test(needs(NEEDED, "calls for another generation of the filter are not in flight", async () => {
  await using stage = new Stage();
  const threads = await Threads.start(stage);
  using calls = new Calls(stage.cgroup);
  using watching = new Watching(targetOf(threads.pid, stage.cgroup), calls.maps);
  await threads.do("read 5");
  await until("5 reads", () => watching.value("ktm_calls_in_flight read") === 6);
  calls.putInForce(1n);
  assert.equal(watching.value("ktm_calls_in_flight read"), 0);
}));

/** It tells in which call a thread really is. */
const hasRegisters = Deno.uid() === 0 && hasHelper(BpfHelper.TASK_PT_REGS);
const noRegisters = hasRegisters ? undefined : "this kernel has no bpf_task_pt_regs()";

Deno.test(
  unless(
    noRegisters,
    needs(NEEDED, "a call whose end no program has seen is not in flight", async () => {
      await using stage = new Stage();
      const threads = await Threads.start(stage);
      using calls = new Calls(stage.cgroup);
      using watching = new Watching(targetOf(threads.pid, stage.cgroup), calls.maps);
      await threads.do("read 5");
      await until("5 reads", () => watching.value("ktm_calls_in_flight read") === 6);
      calls.forgetEnds();
      await threads.child.write("stay\n");
      await until(
        "the end of the main thread's read",
        () => watching.value("ktm_calls_in_flight read") === 5,
      );
    }),
  ),
);
