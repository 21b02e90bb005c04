/** What `ktm run` may still do once it is at work, as /proc tells of each of its threads. */
import assert from "node:assert/strict";
import { startAgent } from "./support/agent.ts";
import { LIVE_KERNEL, needs } from "./support/needs.ts";
import { Reader } from "./support/reader.ts";
import { Stage } from "./support/stage.ts";
import { until } from "./support/until.ts";

/** CAP_PERFMON and CAP_BPF, bits 38 and 39. */
const BPF_AND_PERFMON = "000000c000000000";
const NONE = "0000000000000000";

/** A field of the status of each thread, the main thread's first. */
function ofThreads(pid: number, field: string): string[] {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => Number(name));
  return threads.toSorted((a, b) => a - b).map((thread) => {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${thread}/status`);
    return new RegExp(`^${field}:\\s*(\\S+)`, "m").exec(status)![1]!;
  });
}

Deno.test(
  needs(
    LIVE_KERNEL,
    "run keeps two capabilities in one thread, and none in the others, and attaches with them",
    async () => {
      await using stage = new Stage();
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      await agent.child.said(/Gave up capabilities kept=CAP_BPF,CAP_PERFMON/);
      const { pid } = agent.child;
      for (const field of ["CapPrm", "CapEff"]) {
        const [main, ...others] = ofThreads(pid, field);
        assert.equal(main, BPF_AND_PERFMON);
        assert.ok(others.length > 0);
        // A thread that the main one starts later has what that has.
        assert.ok(others.every((set) => set === NONE || set === BPF_AND_PERFMON), others.join(" "));
      }
      assert.equal(ofThreads(pid, "CapBnd")[0], BPF_AND_PERFMON);
      assert.equal(ofThreads(pid, "CapAmb")[0], NONE);
      assert.equal(ofThreads(pid, "CapInh")[0], NONE);
      assert.deepEqual(new Set(ofThreads(pid, "NoNewPrivs")), new Set(["1"]));
      assert.match(agent.child.stderr, / bounding_set=reduced .* no_new_privs="all threads"$/m);

      stage.start(stage.copy("/bin/sleep", stage.prefix), ["1000"], stage.cgroup);
      await agent.child.said(/Watching the target mode=full/);
    },
  ),
);

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "run attaches, detaches and attaches again with what it kept", async () => {
    await using stage = new Stage();
    const container = stage.makeCgroup("-container");
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await agent.child.said(/Gave up capabilities/);
    for (const count of [1, 2]) {
      const reader = new Reader(stage, stage.prefix, container);
      await agent.child.said(/Watching the target mode=full/, count);
      await reader.read(1);
      const before = await agent.reads();
      const done = await reader.read(20);
      assert.equal(await agent.reads(), before + done);
      reader.child.kill("SIGKILL");
      await reader.child.outcome();
      await stage.removeCgroup(container);
      await agent.child.said(/Target cgroup removed/, count);
      stage.makeCgroup("-container");
    }
  }),
);

Deno.test(
  needs([...LIVE_KERNEL, "unshare"], "run ends with its parent where that was asked for", async () => {
    await using stage = new Stage();
    const wrapper = ["unshare", "--fork", "--kill-child"];
    await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
    await agent.child.said(/Gave up capabilities/);
    const children = `/proc/${agent.child.pid}/task/${agent.child.pid}/children`;
    const pid = (await Deno.readTextFile(children)).trim();
    agent.child.kill("SIGKILL");
    await until(`end of process ${pid}`, () => {
      try {
        return /^State:\s*[ZX]/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
      } catch (error) {
        // Gone, or just on its way when it was read.
        if (error instanceof Deno.errors.NotFound || (error as { code?: string }).code === "ESRCH") {
          return true;
        }
        throw error;
      }
    });
    await agent.child.outcome();
  }),
);
