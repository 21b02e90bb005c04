/**
 * Targets that come and go: nothing is lost, nothing is kept that belongs to another, and the agent does not grow.
 *
 * KTM_LIVES and KTM_CONTAINERS make it longer, and have it print what it saw.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Agent, READS, startAgent } from "../support/agent.ts";
import { heldBy } from "../support/kernel/bpf_objects.ts";
import { heldFiles, residentKb } from "../support/kernel/process_figures.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { times } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { DEADLINE_MS, until } from "../support/until.ts";

const LIVES = Number(Deno.env.get("KTM_LIVES") ?? times(120, 200));
const CONTAINERS = Number(Deno.env.get("KTM_CONTAINERS") ?? times(3, 5));

/** By how much slower than usual the machine is. */
const SLOWNESS = Number(Deno.env.get("KTM_SLOWNESS") ?? 1);

/** Most milliseconds of a life, and between two. */
const LIFE_MS = 40;

/**
 * A probing period is a second; the rest is for attaching. Where a processor is emulated a search takes so long
 * that the next one has to wait.
 */
const ACTIVATION_MS = SLOWNESS > 1 ? DEADLINE_MS : 3000;

const WATCHING = /Watching the target mode=full/;

/** What grows with what is counted in the recorder and on the heap may not be more than this. */
const GROWTH_LIMIT_KB = 16 << 10;

/** Prints figures of a long run. */
function tell(name: "KTM_LIVES" | "KTM_CONTAINERS", figures: string): void {
  if (Deno.env.has(name)) console.log(figures);
}

/** What an agent holds in the kernel, and how much memory it takes. */
function footprint({ child: { pid } }: Agent) {
  const held = heldBy(pid);
  return {
    held: { programs: held.prog.size, maps: held.map.size, links: held.link.size },
    descriptors: heldFiles(pid).length,
    resident: residentKb(pid),
  };
}

async function kill(workload: Workload): Promise<void> {
  workload.child.kill("SIGKILL");
  await workload.child.outcome();
}

Deno.test(
  needs(
    [...LIVE_KERNEL, "cc"],
    "no read is lost while the target is killed and started again and again",
    async () => {
      await using stage = new Stage();
      const name = `${stage.prefix}-db`;
      const witness = await Workload.start(stage, "witness", stage.makeCgroup("-others"));
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      const first = await Workload.start(stage, name, stage.cgroup);
      await agent.child.said(WATCHING);
      const before = await agent.reads();
      await kill(first);
      const half = Math.ceil(LIVES / 2);
      const procs = `${stage.cgroup}/cgroup.procs`;
      const { read: [early] } = await witness.do("lives", procs, name, half, LIFE_MS);
      await until("end of the last life", async () => await agent.value("ktm_target_up") === 0);
      const halfway = footprint(agent);
      const { read: [late] } = await witness.do("lives", procs, name, LIVES - half, LIFE_MS);
      assert.equal(await agent.reads() - before, early + late);
      assert.equal(await agent.value("ktm_sys_read_bytes_total"), before + early + late);
      assert.equal(await agent.value("ktm_scope_fallback_events_total"), 0);
      await until("end of the last life", async () => await agent.value("ktm_target_up") === 0);
      const end = footprint(agent);
      assert.deepEqual([end.held, end.descriptors], [halfway.held, halfway.descriptors]);
      const grown = end.resident - halfway.resident;
      assert.ok(grown < GROWTH_LIMIT_KB, `${grown} kB more`);
      const seen =
        agent.child.stderr.split("\n").filter((line) => line.includes("Watching the target")).length;
      // An emulated processor takes longer for a search than all lives take.
      assert.ok(seen > 1 || SLOWNESS > 1, "the agent saw none of the lives");
      tell(
        "KTM_LIVES",
        `${LIVES} lives, ${early + late} reads, all counted; ${seen - 1} lives seen; ${grown} kB more`,
      );
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "cc"],
    "each container of the same name starts from zero, and nothing of the last one returns",
    async () => {
      await using stage = new Stage();
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      const delays: number[] = [];
      let settled: ReturnType<typeof footprint> | undefined;
      for (let round = 1; round <= CONTAINERS; round++) {
        const container = stage.makeCgroup("-container");
        const target = await Workload.start(stage, `${stage.prefix}-db`, container);
        const appeared = performance.now();
        await agent.child.said(WATCHING, round);
        delays.push(performance.now() - appeared);
        // Fewer each time: what is left of an earlier container would be more.
        const { read } = await target.do("thread", "reader", 2 * (CONTAINERS - round) + 1);
        assert.equal(await agent.reads(), read[0], `container ${round}`);
        if (round === 2) settled = footprint(agent);
        else if (settled !== undefined) {
          const { held, descriptors } = footprint(agent);
          assert.deepEqual([held, descriptors], [settled.held, settled.descriptors]);
        }
        await kill(target);
        await stage.removeCgroup(container);
        await until("end of the old counters", async () => await agent.value(READS) === undefined);
        assert.equal(await agent.value("ktm_status"), 0);
      }
      const slowest = Math.max(...delays);
      assert.ok(slowest <= ACTIVATION_MS, `activated after ${slowest} ms`);
      const sorted = delays.toSorted((a, b) => a - b);
      tell(
        "KTM_CONTAINERS",
        `${CONTAINERS} containers; active after ${Math.round(sorted[sorted.length >> 1]!)} ms, at most ` +
          `${Math.round(slowest)} ms; ${
            footprint(agent).resident - settled!.resident
          } kB more since the second`,
      );
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "cc"],
    "a target in a cgroup that no mount shows leaves no place to which a later one returns for ever",
    async () => {
      await using stage = new Stage();
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      // The kernel adds these words to the path of a cgroup that has been removed.
      const hidden = await Workload.start(stage, `${stage.prefix}-db`, stage.makeCgroup(" (deleted)"));
      await agent.child.said(/Watching the target mode=full .*no mount shows/);
      await kill(hidden);
      const target = await Workload.start(stage, `${stage.prefix}-db`, stage.makeCgroup("-shown"));
      await agent.child.said(/Watching the target in another cgroup/);
      const { read } = await target.do("thread", "reader", 3);
      // The search for the former place repeats every second or two.
      await until("many collections", async () => (await agent.value("ktm_collections_total") ?? 0) > 80);
      assert.doesNotMatch(agent.child.stderr, /Target returned to its place/);
      assert.equal(await agent.reads(), read[0]);
    },
  ),
);
