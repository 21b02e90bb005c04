/** An agent in a container of its own: what `/proc` and the mounts do not show, the kernel tells. */
// Runs beside others.
import assert from "node:assert/strict";
import { processId, stat } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { Pod } from "../support/kernel/pod.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { assertFollowed } from "./lives.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const TOP = wholeCgroupMount() ?? "";

/** Runs what follows with the capabilities that KTM needs, the third before 5.11, so that hidepid= is for it. */
const FEW_CAPABILITIES = [
  "/usr/bin/setpriv",
  "--bounding-set=-all,+bpf,+perfmon,+sys_resource",
  "--inh-caps=-all",
];

/** What a container is shown of its host. */
interface View {
  readonly name: string;
  /** Shell commands in its mount and cgroup namespace. */
  readonly mounts: string;
  /** How it is started then. */
  readonly wrapper?: readonly string[];
}

const VIEWS: readonly View[] = [
  { name: "with the host's cgroup mount", mounts: ":" },
  {
    name: "with a cgroup mount of its own",
    mounts: `umount -l ${TOP} && mount -t cgroup2 cgroup2 ${TOP}`,
  },
  { name: "without a cgroup mount", mounts: `umount -l ${TOP}` },
  {
    name: "that may not see the target in /proc",
    mounts: `umount -l ${TOP} && mount -t proc -o hidepid=2,gid=4711 proc /proc`,
    wrapper: FEW_CAPABILITIES,
  },
];

/** A program with its arguments that starts what follows it in a container of a pod. */
function container(pod: Pod, cgroup: string, { mounts, wrapper = [] }: View): string[] {
  const enter = ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', cgroup];
  const setUp = ["sh", "-c", `${mounts} && exec "$@"`, "sh"];
  return [...enter, ...pod.enter("--cgroup", "--mount-proc"), ...setUp, ...wrapper];
}

const NEEDED = [...LIVE_KERNEL, "cc", "mount", "nsenter", "setpriv", "unshare"] as const;

/** A target in a pod, and how to start an agent beside it. */
async function place(stage: Stage, view: View) {
  const pod = await Pod.start(stage);
  const [database, sidecar] = [stage.makeCgroup("/database"), stage.makeCgroup("/sidecar")];
  const comm = `${stage.prefix}-db`;
  const startTarget = (cgroup: string) => Workload.start(stage, comm, cgroup, pod.enter("--cgroup"));
  const target = await startTarget(database);
  // It has its name when it answers.
  await target.do("rename_process", comm);
  const wrapper = container(pod, sidecar, view);
  return { pod, comm, database, target, startTarget, wrapper, args: ["--comm-prefix", stage.prefix] };
}

for (const view of VIEWS) {
  Deno.test(needs(NEEDED, `a sidecar ${view.name} counts its target in full, and nobody else`, async () => {
    await using stage = new Stage();
    const { pod, comm, database, target, wrapper, args } = await place(stage, view);
    const child = await Workload.start(stage, "child", stage.makeCgroup("/database/nested"), pod.enter());
    const stranger = await Workload.start(stage, comm, stage.makeCgroup("-other"));
    await using agent = await startAgent(args, wrapper);
    await agent.child.said(/Watching the target mode=full/);
    assert.equal(await agent.value("ktm_status"), 2);
    const before = await agent.reads();
    const [own, nested] = [await target.do("calls"), await child.do("calls")];
    await stranger.do("calls");
    assert.equal(await agent.reads() - before, own.read[0] + nested.read[0]);
    assert.equal(await agent.value("ktm_scope_fallback_events_total"), 0);
    const { text } = await agent.get("/metrics");
    assert.match(
      text,
      new RegExp(`^ktm_target_info\\{mode="full",.*cgroup="${stat(database).inode}"\\} 1$`, "m"),
    );
  }));

  Deno.test(needs(NEEDED, `a sidecar ${view.name} follows its target to its next container`, async () => {
    await using stage = new Stage();
    const { database, target, startTarget, wrapper, args } = await place(stage, view);
    const check = await ktm(["check", ...args], wrapper);
    assert.match(check.stdout, /^ok +target/m, check.stdout + check.stderr);

    await using agent = await startAgent(args, wrapper);
    await assertFollowed(agent, target, {
      inItsContainer: () => startTarget(database),
      inAnother: () => startTarget(stage.makeCgroup("/next")),
    });
  }));
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "cc", "nsenter", "unshare"],
    "an agent that does not share the target's PID namespace waits, and says what to do",
    async () => {
      await using stage = new Stage();
      const pod = await Pod.start(stage);
      const target = await Workload.start(stage, stage.prefix, stage.cgroup);
      const wrapper = pod.enter("--mount-proc");
      await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
      await agent.child.said(/Waiting for the target reason=.*in Kubernetes set shareProcessNamespace: true/);
      await target.do("calls");
      assert.equal(await agent.value("ktm_status"), 0);
      // The path of its cgroup is enough.
      const args = ["--comm-prefix", stage.prefix, "--cgroup-path", stage.cgroup];
      await using informed = await startAgent(args, wrapper);
      await informed.child.said(/Watching the target mode=full/);
      const { read } = await target.do("calls");
      assert.equal(await informed.reads(), read[0]);
    },
  ),
);
