/** Processes whose threads are apart: in threaded cgroups, or without the main thread. */
import assert from "node:assert/strict";
import { resolveMembership } from "../../src/discovery/cgroup.ts";
import {
  discoverTarget,
  encodeCommPrefix,
  KernelProcesses,
  listProcesses,
  ProcessHandle,
  targetState,
} from "../../src/discovery/mod.ts";
import { processId, stat } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { until } from "../support/until.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

function threadsTest(name: string, body: (stage: Stage) => Promise<void>): void {
  Deno.test(needs([...LIVE_KERNEL, "cc"], name, async () => {
    await using stage = new Stage();
    await body(stage);
  }));
}

/** Starts a target, which is in its cgroup and has its name when it answers. */
async function startTarget(stage: Stage, cgroup: string): Promise<Workload> {
  const target = await Workload.start(stage, stage.prefix, cgroup);
  await target.do("rename_process", stage.prefix);
  return target;
}

/** A domain with two threaded cgroups, and a target whose main thread is in the first. */
async function threadedTarget(stage: Stage) {
  const [front, back] = [stage.makeCgroup("/front"), stage.makeCgroup("/back")];
  const target = await startTarget(stage, stage.cgroup);
  for (const cgroup of [front, back]) await Deno.writeTextFile(`${cgroup}/cgroup.type`, "threaded");
  await Deno.writeTextFile(`${front}/cgroup.threads`, String(target.child.pid));
  assert.match(await Deno.readTextFile(`/proc/${target.child.pid}/cgroup`), /^0::.*\/front$/m);
  return { target, front, back };
}

threadsTest("all threads of a target in threaded cgroups count", async (stage) => {
  const { target, back } = await threadedTarget(stage);
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(/Watching the target mode=full .*the domain of the threaded cgroup .*\/front/);
  const before = await agent.reads();
  const { read: [main] } = await target.do("calls");
  const { read: [others] } = await target.do("thread_in", `${back}/cgroup.threads`, 1000);
  assert.deepEqual([main > 0, others], [true, 1000]);
  assert.equal(await agent.reads() - before, main + others);
});

threadsTest("a cgroup_path of a threaded cgroup stands for its domain, and says so", async (stage) => {
  const { target, back } = await threadedTarget(stage);
  await using agent = await startAgent(["--comm-prefix", stage.prefix, "--cgroup-path", back]);
  await agent.child.said(
    /Watching the target mode=full .*cgroup_path is .*\/back: .*the domain of the threaded/,
  );
  const before = await agent.reads();
  const { read: [done] } = await target.do("calls");
  assert.equal(await agent.reads() - before, done);
});

threadsTest(
  "the kernel tells the domain of a target in threaded cgroups, also where no mount shows it",
  async (stage) => {
    const { front } = await threadedTarget(stage);
    const root = front.slice(wholeCgroupMount()!.length);
    const bind = { id: 1, parentId: 0, root, mountPoint: front, fsType: "cgroup2" };
    assert.match(
      resolveMembership({ path: root, isDeleted: false }, [bind]).reason ?? "",
      /is threaded, and its domain is above what is mounted; mount the host's/,
    );
    using processes = new KernelProcesses(encodeCommPrefix(stage.prefix));
    const [process] = processes.list();
    assert.deepEqual(process!.cgroup, { id: stat(stage.cgroup).inode, level: 1, holdsSelf: false });
  },
);

threadsTest("a threaded cgroup right below the root leaves the target to its name", async (stage) => {
  const top = wholeCgroupMount()!;
  const target = await startTarget(stage, top);
  await Deno.writeTextFile(`${stage.cgroup}/cgroup.type`, "threaded");
  await Deno.writeTextFile(`${stage.cgroup}/cgroup.threads`, String(target.child.pid));
  const options = { commPrefix: stage.prefix };
  const found = discoverTarget(options);
  assert.ok(found.found && found.target.mode === "degraded");
  assert.match(found.target.reason, /it is in the root cgroup/);
  assert.throws(
    () => discoverTarget({ ...options, cgroupPath: stage.cgroup }),
    /it is threaded, and its domain is the root cgroup, which holds every process/,
  );
});

threadsTest(
  "a target whose main thread has ended is found, counted, and runs until its last thread ends",
  async (stage) => {
    const target = await Workload.start(stage, stage.prefix, stage.cgroup);
    await target.do("leave");
    const prefix = encodeCommPrefix(stage.prefix);
    const [process] = listProcesses(prefix);
    assert.equal(process?.pid, target.child.pid);
    using processes = new KernelProcesses(prefix);
    assert.deepEqual(processes.list().map(({ cgroup: _, ...process }) => process), [process]);
    assert.equal(processes.list()[0]!.cgroup.id, stat(stage.cgroup).inode);
    using handle = new ProcessHandle(process!);
    const found = discoverTarget({ commPrefix: stage.prefix });
    assert.ok(found.found && found.target.mode === "full");
    {
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      await agent.child.said(/Watching the target mode=full/);
      const before = await agent.reads();
      const { read: [done] } = await target.do("calls");
      assert.equal(await agent.reads() - before, done);
      assert.equal(await agent.value("ktm_target_up"), 1);
      assert.doesNotMatch(agent.child.stderr, /has ended/);
    }
    assert.equal(handle.isRunning(), true);
    assert.equal(targetState(found.target), "running");
    await target.child.endInput();
    await target.child.outcome();
    await until("end of the process", () => !handle.isRunning());
    assert.equal(targetState(found.target), "stopped");
  },
);

threadsTest("a target that loses its main thread while it is watched stays the target", async (stage) => {
  const target = await startTarget(stage, wholeCgroupMount()!);
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(/Watching the target mode=degraded/);
  await target.do("leave");
  const before = await agent.reads();
  const { read: [done] } = await target.do("calls");
  assert.equal(await agent.reads() - before, done);
  assert.equal(await agent.value("ktm_target_up"), 1);
  assert.doesNotMatch(agent.child.stderr, /has ended/);
});
