/** A target in a container that crun makes again after each death, under the same pod, and three views of it. */
// Runs beside others.
import { stat } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { Pod } from "../support/kernel/pod.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { nightly } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { DEATHS } from "./deaths.ts";
import { PodCgroup, type RunningContainer } from "./kubelet.ts";
import { MemoryCage } from "./memory_cage.ts";
import { makeMortal } from "./mortal.ts";
import { assertKept, observeDeath } from "./post_mortem.ts";
import { Recording, type Sign, signOf, untilWatched } from "./recording.ts";

/** A container is not shown the cgroups of others. */
const WITHOUT_CGROUPS = ["sh", "-c", 'umount -l "$0" && exec "$@"', wholeCgroupMount() ?? ""];

/** Where an agent is. */
interface Place {
  readonly name: string;
  /** A program with its arguments that starts what follows it there. */
  readonly wrapper: (enter: readonly string[], namespace: Pod) => readonly string[];
  readonly sign: (container: RunningContainer) => Sign;
}

const PLACES: readonly Place[] = [
  {
    name: "on the host",
    wrapper: () => [],
    sign: ({ pid }) => signOf(pid),
  },
  {
    name: "in the pod, with its PID namespace",
    wrapper: (
      enter,
      namespace,
    ) => [...enter, ...namespace.enter("--cgroup", "--mount-proc"), ...WITHOUT_CGROUPS],
    sign: ({ innerPid }) => signOf(innerPid),
  },
  {
    name: "in the pod, in a PID namespace of its own",
    wrapper: (enter) => [
      ...enter,
      ...["unshare", "--pid", "--fork", "--kill-child", "--cgroup", "--mount-proc"],
      ...WITHOUT_CGROUPS,
    ],
    sign: ({ cgroup }) => ({ label: "cgroup", value: String(stat(cgroup).inode) }),
  },
];

Deno.test(nightly(needs(
  [...LIVE_KERNEL, "cc", "crun", "mount", "nsenter", "unshare"],
  "a container that dies in any way and is made again leaves its history, seen from the host and its pod",
  async () => {
    await using stage = new Stage();
    using mortal = await makeMortal(stage);
    await using cage = new MemoryCage(stage.prefix);
    const namespace = await Pod.start(stage);
    await using pod = await PodCgroup.make(stage, mortal, namespace);
    const enter = ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', pod.sidecar];
    await using agents = new AsyncDisposableStack();
    const views: { recording: Recording; place: Place }[] = [];
    let container = await pod.start();
    for (const place of PLACES) {
      const agent = agents.use(
        await startAgent(["--comm-prefix", stage.prefix], place.wrapper(enter, namespace)),
      );
      views.push({ recording: new Recording(agent), place });
    }
    const watching = () => views.map(({ recording, place }) => ({ recording, sign: place.sign(container) }));

    for (const death of [DEATHS.kill, DEATHS.oom, DEATHS.exit]) {
      cage.close(container.pid);
      const { ledger } = mortal;
      const seen = await observeDeath(watching(), { pid: container.pid, ledger }, death, async () => {
        container = await pod.start();
        for (const { recording, sign } of watching()) await untilWatched(recording.agent, sign);
      });
      for (const one of seen) await assertKept(one);
    }
  },
)));
