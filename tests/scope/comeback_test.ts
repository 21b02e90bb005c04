/** A target that ends while a namesake of another place runs, and comes back after that has taken its place. */
import assert from "node:assert/strict";
import { wholeLibc } from "../../src/syscall/libc.ts";
import { TargetWatch } from "../../src/target/mod.ts";
import { startAgent } from "../support/agent.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { until } from "../support/until.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
wholeLibc();

const GRACE_MS = 1500;

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "a namesake takes the target's place after the grace time, and gives it back",
    async () => {
      await using stage = new Stage();
      const first = new Reader(stage, stage.prefix, stage.cgroup);
      const namesake = new Reader(stage, stage.prefix, wholeCgroupMount()!);
      const said: string[] = [];
      const say = (message: string) => void said.push(message);
      const ends: string[] = [];
      const watch = new TargetWatch({
        commPrefix: stage.prefix,
        commFallback: "when-unset",
        graceMs: GRACE_MS,
        log: { debug: say, info: say, warn: say, error: say },
        lives: { begins: () => {}, ends: ({ how }) => void ends.push(how), restarts: () => {} },
      });
      const isWatched = ({ child: { pid } }: Reader) => {
        watch.collect();
        const { state } = watch.health();
        return (state === "full" || state === "degraded") && watch.target?.process?.pid === pid;
      };
      try {
        for (const { child: { pid } } of [first, namesake]) {
          const comm = () => Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
          await until("name of a process", () => comm() === stage.prefix);
        }
        watch.start();
        assert.ok(isWatched(first), said.join());
        first.child.kill("SIGKILL");
        await first.child.outcome();
        const ended = performance.now();
        await until("end of the target", () => !isWatched(first));
        await until("namesake", () => isWatched(namesake));
        const waited = performance.now() - ended;
        assert.ok(waited >= GRACE_MS - 100, `taken after ${waited} ms`);
        assert.ok(said.includes("Waiting for the target"), said.join());
        const second = new Reader(stage, stage.prefix, stage.cgroup);
        await until("return of the target", () => isWatched(second));
        assert.deepEqual(ends, ["signal", "unwatched"]);
      } finally {
        watch.stop();
      }
    },
  ),
);

Deno.test(
  needs(
    [...LIVE_KERNEL, "bash"],
    "a target that is moved to another cgroup is followed at once",
    async () => {
      await using stage = new Stage();
      const other = stage.makeCgroup("-other");
      const target = new Reader(stage, stage.prefix, stage.cgroup);
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      await agent.child.said(/Watching the target mode=full/);
      await Deno.writeTextFile(`${other}/cgroup.procs`, String(target.child.pid));
      const [, cgroup] = await agent.child.said(/Watching the target in another cgroup.* cgroup=(\S+)/);
      assert.equal(cgroup, other);
      // The byte that it waits for began under the programs of before.
      await target.read(1);
      const before = await agent.reads();
      const done = await target.read(10);
      assert.equal(await agent.reads(), before + done);
    },
  ),
);
