/** An agent whose PID namespace does not show the target: the pod that both are in decides, and nothing else. */
// Runs beside others.
import assert from "node:assert/strict";
import { processId, stat } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { assertFollowed } from "./lives.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const TOP = wholeCgroupMount() ?? "";

/** Starts what follows in a PID namespace of its own, which ends with it. */
const CONTAINER = ["/usr/bin/unshare", "--pid", "--fork", "--kill-child"];

/** The same in a cgroup, without anything that would show other cgroups. */
function agentIn(cgroup: string): string[] {
  const enter = ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', cgroup];
  const setUp = ["sh", "-c", `umount -l ${TOP} && exec "$@"`, "sh"];
  return [...enter, ...CONTAINER, "--cgroup", "--mount-proc", ...setUp];
}

/** Gives a function that makes the cgroups of a path below that of the stage, unless they are there. */
function cgroupMaker(stage: Stage): (names: readonly string[]) => string {
  const made = new Set<string>();
  return (names) =>
    names.reduce((above, name) => {
      const path = `${above}/${name}`;
      if (!made.has(path)) stage.makeCgroup(path);
      made.add(path);
      return path;
    }, "");
}

/** @param options more of unshare(1) */
async function startTarget(stage: Stage, cgroup: string, ...options: string[]): Promise<Workload> {
  const comm = `${stage.prefix}-db`;
  const target = await Workload.start(stage, comm, `${stage.cgroup}${cgroup}`, [...CONTAINER, ...options]);
  // It has its name when it answers.
  await target.do("rename_process", comm);
  return target;
}

const ID = "4f8c6bb1c1f0a27ad9a07d4f3bd5d2f3e8c0a7d9b1e24c5f60718293a4b5c6d7";

/** Two pods, and a container's cgroups below one, as somebody makes them. */
interface Form {
  readonly maker: string;
  readonly pods: readonly [string, string];
  readonly container: (name: string) => readonly string[];
}

const FORMS: readonly Form[] = [
  {
    maker: "the kubelet and containerd",
    pods: [
      "kubepods-burstable-pod8f2c7d34_11aa_4c5e_9d0b_5a0c7fe19b11.slice",
      "kubepods-burstable-pod8f2c7d34_11aa_4c5e_9d0b_5a0c7fe19b12.slice",
    ],
    container: (name) => [`cri-containerd-${name}.scope`],
  },
  {
    maker: "podman and crun",
    pods: [`machine-libpod_pod_${ID}.slice`, `machine-libpod_pod_${ID.replace("4", "5")}.slice`],
    container: (name) => [`libpod-${name}.scope`, "container"],
  },
];

const NEEDED = [...LIVE_KERNEL, "cc", "mount", "unshare"] as const;

/** Two pods of a database and a sidecar each. */
function twoPods(stage: Stage, { pods: [own, other], container }: Form) {
  const makeCgroups = cgroupMaker(stage);
  const make = (pod: string, name: string) => makeCgroups([pod, ...container(name)]);
  const place = (pod: string) => ({
    database: make(pod, "database"),
    agent: agentIn(`${stage.cgroup}${make(pod, "sidecar")}`),
    makeContainer: (name: string) => make(pod, name),
  });
  return { own: place(own), other: place(other), args: ["--comm-prefix", stage.prefix] };
}

for (const form of FORMS) {
  const where = `in a pod of ${form.maker}`;

  Deno.test(
    needs(NEEDED, `${where} an agent counts the target of its pod in full, and no other pod's`, async () => {
      await using stage = new Stage();
      const { own, other, args } = twoPods(stage, form);
      // The other pod's is the older one.
      const stranger = await startTarget(stage, other.database);
      const target = await startTarget(stage, own.database);
      await using agent = await startAgent(args, own.agent);
      await using otherAgent = await startAgent(args, other.agent);
      for (const { child } of [agent, otherAgent]) await child.said(/Watching the target mode=full/);
      const before = [await agent.reads(), await otherAgent.reads()];
      const { read: [done] } = await target.do("calls");
      const { read: [otherDone] } = await stranger.do("thread", "reader", 1234);
      assert.notEqual(done, otherDone);
      assert.equal(await agent.reads() - before[0]!, done);
      assert.equal(await otherAgent.reads() - before[1]!, otherDone);
      assert.equal(await agent.value("ktm_scope_fallback_events_total"), 0);
      assert.equal(await agent.value("ktm_target_up"), 1);
      const { text } = await agent.get("/metrics");
      const { inode } = stat(`${stage.cgroup}${own.database}`);
      const labels = `mode="full",pid="",comm="${stage.prefix}-db",cgroup="${inode}"`;
      assert.ok(text.includes(`ktm_target_info{${labels}} 1\n`), text);
    }),
  );

  Deno.test(
    needs(
      NEEDED,
      `${where} counters go on in the same container, and start from zero in another`,
      async () => {
        await using stage = new Stage();
        const { own, other, args } = twoPods(stage, form);
        await startTarget(stage, other.database);
        const first = await startTarget(stage, own.database);
        const check = await ktm(["check", ...args], own.agent);
        assert.match(check.stdout, /^ok +target: a process of the pod/m, check.stdout + check.stderr);

        await using agent = await startAgent(args, own.agent);
        await assertFollowed(agent, first, {
          inItsContainer: () => startTarget(stage, own.database),
          inAnother: () => startTarget(stage, own.makeContainer("next")),
        });
      },
    ),
  );
}

Deno.test(needs(NEEDED, "in a pod a target whose main thread has ended is found, and once", async () => {
  await using stage = new Stage();
  const { own, args } = twoPods(stage, FORMS[0]!);
  const target = await startTarget(stage, own.database, "--mount-proc");
  await target.do("leave");
  // Another thread of it, which stays in a read.
  await target.do("block");
  await using agent = await startAgent(args, own.agent);
  await agent.child.said(/Watching the target mode=full .*a process of the pod/);
  assert.doesNotMatch(agent.child.stderr, /others=/);
  const before = await agent.reads();
  const { read: [done] } = await target.do("calls");
  assert.equal(await agent.reads() - before, done);
  assert.equal(await agent.value("ktm_target_up"), 1);
  assert.doesNotMatch(agent.child.stderr, /has ended/);
}));

/** Where an agent may be so that nothing tells which processes of its name are its business. */
const NOWHERE: readonly { readonly where: string; readonly agent: string[]; readonly target: string[] }[] = [
  { where: "in the root cgroup", agent: [], target: ["database"] },
  { where: "beside the target in a slice", agent: ["system.slice", "a"], target: ["system.slice", "b"] },
  {
    where: "in a pod of which the target is not",
    agent: [FORMS[0]!.pods[0], "a"],
    target: [FORMS[0]!.pods[1], "b"],
  },
  {
    where: "in a container of a container of a pod",
    agent: [FORMS[0]!.pods[0], "a", "docker", "b"],
    target: [FORMS[0]!.pods[0], "c"],
  },
];

for (const { where, agent: agentNames, target: targetNames } of NOWHERE) {
  Deno.test(needs(NEEDED, `an agent ${where} waits, and says what to do`, async () => {
    await using stage = new Stage();
    const make = cgroupMaker(stage);
    const target = await startTarget(stage, make(targetNames));
    const wrapper = agentIn(agentNames.length === 0 ? TOP : `${stage.cgroup}${make(agentNames)}`);
    const args = ["--comm-prefix", stage.prefix];
    await using agent = await startAgent(args, wrapper);
    await agent.child.said(/Waiting for the target reason=.*in Kubernetes set shareProcessNamespace: true/);
    // It looks in every way at once.
    const check = await ktm(["check", ...args], wrapper);
    assert.match(check.stdout, /^degraded +target: no process /m, check.stdout + check.stderr);
    await target.do("calls");
    assert.equal(await agent.value("ktm_status"), 0);
    assert.equal(await agent.value("ktm_target_up"), 0);
    assert.doesNotMatch(agent.child.stderr, /Watching the target/);
  }));
}
