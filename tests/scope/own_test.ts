/** The agent is nobody's target: it neither watches nor counts itself, whatever it is called and wherever it is. */
import assert from "node:assert/strict";
import { type Agent, startAgent } from "../support/agent.ts";
import { Pod } from "../support/kernel/pod.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";

const TOP = wholeCgroupMount() ?? "";

function ownTest(name: string, body: (stage: Stage) => Promise<void>): void {
  Deno.test(needs([...LIVE_KERNEL, "cc", "unshare", "nsenter"], name, async () => {
    await using stage = new Stage();
    await body(stage);
  }));
}

/** Runs the agent, whose program comes first in what follows, under a comm. */
function renamed(stage: Stage, comm: string): string[] {
  const link = `${stage.directory}/${comm}`;
  Deno.symlinkSync(Deno.execPath(), link);
  return ["sh", "-c", 'shift && exec "$0" "$@"', link];
}

/** Runs what follows in a cgroup. */
function inside(cgroup: string): string[] {
  return ["sh", "-c", 'echo 0 > "$0/cgroup.procs" && exec "$@"', cgroup];
}

async function startTarget(stage: Stage, cgroup: string, wrapper: readonly string[] = []): Promise<Workload> {
  const comm = `${stage.prefix}-t`;
  const target = await Workload.start(stage, comm, cgroup, wrapper);
  await target.do("rename_process", comm);
  return target;
}

/** Asserts that what the agent counts is what the target does, over many collections, each of which reads. */
async function assertCountsTargetAlone(agent: Agent, target: Workload): Promise<void> {
  const before = await agent.reads();
  const { read: [done] } = await target.do("calls");
  assert.ok(done > 0);
  for (let collection = 0; collection < 3; collection++) assert.equal(await agent.reads() - before, done);
}

ownTest("an agent whose own name matches watches the younger target, and counts it alone", async (stage) => {
  const wrapper = renamed(stage, `${stage.prefix}-agent`);
  await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
  assert.equal(
    await Deno.readTextFile(`/proc/${agent.child.pid}/comm`),
    `${stage.prefix}-agent`.slice(0, 15) + "\n",
  );
  await agent.child.said(/Waiting for the target/);
  const target = await startTarget(stage, TOP);
  await agent.child.said(new RegExp(`Watching the target mode=degraded .*pid=${target.child.pid}`));
  assert.doesNotMatch(agent.child.stderr, /others=/);
  await assertCountsTargetAlone(agent, target);
});

ownTest("an agent in a PID namespace whose own name matches counts the target alone", async (stage) => {
  const pod = await Pod.start(stage);
  const wrapper = [...pod.enter("--mount-proc"), ...renamed(stage, `${stage.prefix}-agent`)];
  await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
  await agent.child.said(/Waiting for the target/);
  const target = await startTarget(stage, TOP, pod.enter());
  await agent.child.said(/Watching the target mode=degraded/);
  await assertCountsTargetAlone(agent, target);
});

ownTest("an agent in a PID namespace with another /proc neither takes nor counts itself", async (stage) => {
  const wrapper = [
    "/usr/bin/unshare",
    "--pid",
    "--fork",
    "--kill-child",
    ...renamed(stage, `${stage.prefix}-agent`),
  ];
  await using agent = await startAgent(["--comm-prefix", stage.prefix], [
    ...inside(stage.cgroup),
    ...wrapper,
  ]);
  await agent.child.said(/Waiting for the target/);
  const cgroup = stage.makeCgroup("-target");
  const target = await startTarget(stage, cgroup);
  await agent.child.said(new RegExp(`Watching the target mode=full .*pid=${target.child.pid}`));
  await assertCountsTargetAlone(agent, target);
});

ownTest(
  "an agent with the /proc of another PID namespace finds a target of its own namespace",
  async (stage) => {
    const pod = await Pod.start(stage);
    await using agent = await startAgent(["--comm-prefix", stage.prefix], pod.enter());
    await agent.child.said(/Waiting for the target/);
    const target = await startTarget(stage, stage.cgroup, pod.enter());
    await agent.child.said(new RegExp(`Watching the target mode=full .*cgroup=${stage.cgroup}`));
    await assertCountsTargetAlone(agent, target);
    assert.doesNotMatch(agent.child.stderr, /has ended/);
  },
);

for (const where of ["", "/below"]) {
  ownTest(
    `an agent in ${where === "" ? "the" : "a cgroup below the"} configured cgroup does not count itself`,
    async (stage) => {
      const cgroup = where === "" ? stage.cgroup : stage.makeCgroup(where);
      const target = await startTarget(stage, stage.cgroup);
      const args = ["--comm-prefix", stage.prefix, "--cgroup-path", stage.cgroup];
      await using agent = await startAgent(args, inside(cgroup));
      await agent.child.said(/Watching the target mode=full/);
      assert.ok(
        (await Deno.readTextFile(`/proc/${agent.child.pid}/cgroup`)).includes(cgroup.slice(TOP.length)),
      );
      await assertCountsTargetAlone(agent, target);
    },
  );
}
