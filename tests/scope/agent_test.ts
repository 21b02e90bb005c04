/** Whom `ktm run` watches when there are several, when they move, and where it is itself in a namespace. */
import assert from "node:assert/strict";
import { type Agent, startAgent } from "../support/agent.ts";
import { Pod } from "../support/kernel/pod.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { type Done, Workload } from "../support/target/workload.ts";
import { until } from "../support/until.ts";

const TOP = wholeCgroupMount() ?? "";
const FULL = /Watching the target mode=full/;
const DEGRADED = /Watching the target mode=degraded/;

const SERIES = [
  "ktm_sys_read_latency_seconds_count",
  "ktm_sys_read_bytes_total",
  "ktm_sys_read_errors_total",
  "ktm_sys_pread_latency_seconds_count",
  "ktm_scope_fallback_events_total",
];

/** The series above in one collection. */
async function values(agent: Agent): Promise<number[]> {
  await agent.value("ktm_status");
  const { text } = await agent.get("/metrics");
  return SERIES.map((series) => Number(new RegExp(`^${series} (\\d+)$`, "m").exec(text)?.[1]));
}

/** What an agent counts of a process that makes calls. */
async function counted(agent: Agent, workload: Workload): Promise<{ done: Done; growth: number[] }> {
  const before = await values(agent);
  const done = await workload.do("calls");
  const after = await values(agent);
  return { done, growth: after.map((value, index) => value - before[index]!) };
}

/** Asserts that an agent counts everything that a process does, or nothing, and by which rule. */
async function assertCounts(agent: Agent, workload: Workload, rule?: "cgroup" | "comm"): Promise<void> {
  const { done: { read, pread, again }, growth } = await counted(agent, workload);
  assert.ok(read[0] > 0 && read[2] > 0 && pread[0] > 0);
  const events = read[0] + read[2] + pread[0] + pread[2] + again;
  const all = [...read, pread[0], rule === "comm" ? events : 0];
  assert.deepEqual(growth, rule === undefined ? all.map(() => 0) : all, agent.child.stderr);
}

function move(workload: Workload, cgroup: string): void {
  Deno.writeTextFileSync(`${cgroup}/cgroup.procs`, String(workload.child.pid));
}

async function kill(workload: Workload): Promise<void> {
  workload.child.kill("SIGKILL");
  await workload.child.outcome();
}

function agentTest(
  name: string,
  body: (stage: Stage) => Promise<void>,
  more: readonly ("unshare" | "nsenter")[] = [],
) {
  Deno.test(needs([...LIVE_KERNEL, "cc", ...more], name, async () => {
    await using stage = new Stage();
    await body(stage);
  }));
}

agentTest(
  "a cgroup_path of a pod counts both of its containers, and not the pod beside it",
  async (stage) => {
    const pod = stage.makeCgroup("/pod");
    const [database, helper] = [stage.makeCgroup("/pod/database"), stage.makeCgroup("/pod/helper")];
    const beside = stage.makeCgroup("/pod-b");
    const target = await Workload.start(stage, stage.prefix, database);
    const colleague = await Workload.start(stage, "helper", helper);
    const neighbour = await Workload.start(stage, "neighbour", beside);
    await using agent = await startAgent(["--comm-prefix", stage.prefix, "--cgroup-path", pod]);
    await agent.child.said(FULL);
    await assertCounts(agent, target, "cgroup");
    await assertCounts(agent, colleague, "cgroup");
    await assertCounts(agent, neighbour);
  },
);

agentTest(
  "a child of the target in a nested cgroup counts, a sibling of the cgroup does not",
  async (stage) => {
    const nested = stage.makeCgroup("/nested");
    const sibling = stage.makeCgroup("-sibling");
    const target = await Workload.start(stage, stage.prefix, stage.cgroup);
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(FULL);
    const child = await Workload.start(stage, "child", nested);
    const other = await Workload.start(stage, "other", sibling);
    await assertCounts(agent, target, "cgroup");
    await assertCounts(agent, child, "cgroup");
    await assertCounts(agent, other);
  },
);

const MODES = [
  { mode: "always", inOtherCgroup: "comm" },
  { mode: "when-unset", inOtherCgroup: undefined },
  { mode: "never", inOtherCgroup: undefined },
] as const;

for (const { mode, inOtherCgroup } of MODES) {
  const args = ["--comm-fallback", mode];

  agentTest(`${mode}: a namesake in another cgroup, with an agent that sees all processes`, async (stage) => {
    const pod = await Pod.start(stage);
    const target = await Workload.start(stage, `${stage.prefix}-a`, stage.cgroup);
    const other = stage.makeCgroup("-other");
    await using agent = await startAgent([...args, "--comm-prefix", stage.prefix]);
    await agent.child.said(FULL);
    const namesake = await Workload.start(stage, `${stage.prefix}-b`, other);
    const inPod = await Workload.start(stage, `${stage.prefix}-c`, other, pod.enter());
    await assertCounts(agent, target, "cgroup");
    await assertCounts(agent, namesake, inOtherCgroup);
    await assertCounts(agent, inPod, inOtherCgroup);
  }, ["unshare", "nsenter"]);

  agentTest(`${mode}: a namesake in another cgroup, with an agent in a PID namespace`, async (stage) => {
    const pod = await Pod.start(stage);
    const other = stage.makeCgroup("-other");
    // Older, but not in the namespace.
    const outside = await Workload.start(stage, `${stage.prefix}-o`, other);
    const target = await Workload.start(stage, `${stage.prefix}-a`, stage.cgroup, pod.enter());
    const wrapper = pod.enter("--mount-proc");
    await using agent = await startAgent([...args, "--comm-prefix", stage.prefix], wrapper);
    await agent.child.said(FULL);
    const namesake = await Workload.start(stage, `${stage.prefix}-b`, other, pod.enter());
    await assertCounts(agent, target, "cgroup");
    await assertCounts(agent, namesake, inOtherCgroup);
    await assertCounts(agent, outside);
  }, ["unshare", "nsenter"]);
}

agentTest("a namesake in another cgroup does not count unless that is asked for", async (stage) => {
  const target = await Workload.start(stage, `${stage.prefix}-a`, stage.cgroup);
  const namesake = await Workload.start(stage, `${stage.prefix}-b`, stage.makeCgroup("-other"));
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(FULL);
  assert.equal(await agent.value("ktm_status"), 2);
  await assertCounts(agent, target, "cgroup");
  await assertCounts(agent, namesake);
});

agentTest(
  "a target in the root cgroup is watched by its comm, and by its cgroup once it has one",
  async (stage) => {
    const target = await Workload.start(stage, stage.prefix, TOP);
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(DEGRADED);
    assert.equal(await agent.value("ktm_status"), 1);
    await assertCounts(agent, target, "comm");
    const before = await agent.reads();
    move(target, stage.cgroup);
    await agent.child.said(/Watching the target by its cgroup mode=full/);
    assert.equal(await agent.value("ktm_status"), 2);
    assert.equal(await agent.reads(), before, "counters go on");
    await assertCounts(agent, target, "cgroup");
  },
);

agentTest("a degraded target that is replaced goes on being counted by its comm", async (stage) => {
  const first = await Workload.start(stage, stage.prefix, TOP);
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(DEGRADED);
  await assertCounts(agent, first, "comm");
  const before = await agent.reads();
  await kill(first);
  await agent.child.said(/Target ended/);
  const second = await Workload.start(stage, stage.prefix, TOP);
  await agent.child.said(DEGRADED, 2);
  assert.equal(await agent.reads(), before);
  await assertCounts(agent, second, "comm");
});

agentTest("comm_fallback never leaves a target in the root cgroup alone", async (stage) => {
  const target = await Workload.start(stage, stage.prefix, TOP);
  await using agent = await startAgent(["--comm-prefix", stage.prefix, "--comm-fallback", "never"]);
  await agent.child.said(/Waiting for the target reason=.*comm_fallback=never, and no cgroup to filter by/);
  assert.equal(await agent.value("ktm_status"), 0);
  move(target, stage.cgroup);
  await agent.child.said(FULL);
  await assertCounts(agent, target, "cgroup");
});

agentTest(
  "a target that comes back in its cgroup is taken before an older namesake elsewhere",
  async (stage) => {
    const first = await Workload.start(stage, `${stage.prefix}-a`, stage.cgroup);
    const elder = await Workload.start(stage, `${stage.prefix}-b`, stage.makeCgroup("-other"));
    await using agent = await startAgent(["--comm-prefix", stage.prefix, "--comm-fallback", "never"]);
    await agent.child.said(new RegExp(`pid=${first.child.pid} .*others=${elder.child.pid}`));
    await assertCounts(agent, first, "cgroup");
    const before = await agent.reads();
    // Nobody looks between the end of the first and the start of the second.
    agent.child.kill("SIGSTOP");
    await kill(first);
    const second = await Workload.start(stage, `${stage.prefix}-c`, stage.cgroup);
    // It has its name when it answers.
    await second.do("rename_process", `${stage.prefix}-c`);
    agent.child.kill("SIGCONT");
    await agent.child.said(new RegExp(`pid=${second.child.pid} .*others=${elder.child.pid}`));
    assert.equal(await agent.reads(), before);
    await assertCounts(agent, second, "cgroup");
    await assertCounts(agent, elder);
  },
);

agentTest(
  "a target whose place is gone gives way to a namesake, whose counters start from zero",
  async (stage) => {
    const first = await Workload.start(stage, `${stage.prefix}-a`, stage.cgroup);
    const elder = await Workload.start(stage, `${stage.prefix}-b`, stage.makeCgroup("-other"));
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(new RegExp(`pid=${first.child.pid} `));
    await assertCounts(agent, first, "cgroup");
    await kill(first);
    await agent.child.said(/Waiting for the target reason="waiting for it to return to cgroup /);
    assert.equal(await agent.value("ktm_target_up"), 0);
    await stage.removeCgroup(stage.cgroup);
    await agent.child.said(new RegExp(`Watching the target mode=full .*pid=${elder.child.pid} `));
    assert.equal(await agent.reads(), 0);
    await assertCounts(agent, elder, "cgroup");
  },
);

agentTest("a target that takes another name goes on being watched in its cgroup", async (stage) => {
  const target = await Workload.start(stage, stage.prefix, stage.cgroup);
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(FULL);
  await target.do("rename_process", "renamed");
  await assertCounts(agent, target, "cgroup");
  assert.equal(await agent.value("ktm_target_up"), 1);
  await target.do("thread", "worker", 3);
  await assertCounts(agent, target, "cgroup");
});

agentTest("a process without a cgroup is the target while it has the name", async (stage) => {
  const target = await Workload.start(stage, "unnamed", TOP);
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(/Waiting for the target/);
  await target.do("rename_process", `${stage.prefix}-db`);
  await agent.child.said(DEGRADED);
  await assertCounts(agent, target, "comm");
  await target.do("rename_process", "renamed");
  await until("sign of the new name", async () => await agent.value("ktm_target_up") === 0);
  await assertCounts(agent, target);
  await target.do("rename_process", `${stage.prefix}-db2`);
  await agent.child.said(DEGRADED, 2);
  await assertCounts(agent, target, "comm");
});

agentTest(
  "threads of other names are their process's, whose name is that of its first thread",
  async (stage) => {
    const target = await Workload.start(stage, stage.prefix, TOP);
    const other = await Workload.start(stage, "other", TOP);
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(DEGRADED);
    const before = await values(agent);
    const { read, pread } = await target.do("thread", "worker", 100);
    await other.do("thread", `${stage.prefix}-db`, 100);
    const growth = (await values(agent)).map((value, index) => value - before[index]!);
    assert.deepEqual(growth, [...read, pread[0], read[0] + pread[0]]);
    assert.ok(read[0] === 100 && pread[0] === 100);
  },
);

agentTest("ktm_target_info names the target, and nothing while there is none", async (stage) => {
  const info = async (agent: Agent) => {
    await agent.value("ktm_status");
    const { text } = await agent.get("/metrics");
    return text.split("\n").filter((line) => line.startsWith("ktm_target_info"));
  };
  const first = await Workload.start(stage, stage.prefix, TOP);
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.child.said(DEGRADED);
  const labels = `pid="${first.child.pid}",comm="${stage.prefix}"`;
  assert.deepEqual(await info(agent), [`ktm_target_info{mode="degraded",${labels},cgroup=""} 1`]);
  move(first, stage.cgroup);
  await agent.child.said(/Watching the target by its cgroup/);
  assert.deepEqual(await info(agent), [`ktm_target_info{mode="full",${labels},cgroup="${stage.cgroup}"} 1`]);
  await kill(first);
  await agent.child.said(/Target ended/);
  assert.deepEqual(await info(agent), []);
});
