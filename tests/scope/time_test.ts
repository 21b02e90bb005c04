/** An agent in a time namespace, whose /proc shows other start times than the kernel keeps. */
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Workload } from "../support/target/workload.ts";
import { until } from "../support/until.ts";

/** What the clocks of the namespace are ahead, or behind, in seconds. */
const OFFSETS: readonly (readonly string[])[] = [
  ["--boottime", "864000", "--monotonic", "5000"],
  ["--boottime", "-2"],
];

for (const offsets of OFFSETS) {
  Deno.test(
    needs(
      [...LIVE_KERNEL, "cc", "unshare"],
      `an agent in a time namespace (${offsets.join(" ")}) keeps its target`,
      async () => {
        await using stage = new Stage();
        const wrapper = ["/usr/bin/unshare", "--time", ...offsets, "--fork", "--kill-child"];
        await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
        await agent.child.said(/Waiting for the target/);
        const target = await Workload.start(stage, stage.prefix, stage.cgroup);
        await target.do("rename_process", stage.prefix);
        // Found by the iterator, and looked at through /proc.
        await agent.child.said(new RegExp(`Watching the target mode=full .*pid=${target.child.pid}`));
        const before = await agent.reads();
        const { read: [done] } = await target.do("calls");
        for (let look = 0; look < 3; look++) {
          assert.equal(await agent.value("ktm_target_up"), 1);
          assert.equal(await agent.reads() - before, done);
        }
        assert.equal([...agent.child.stderr.matchAll(/Watching the target/g)].length, 1);
        assert.doesNotMatch(agent.child.stderr, /has ended/);
        target.child.kill("SIGKILL");
        await target.child.outcome();
        await until("sign of the end", async () => await agent.value("ktm_target_up") === 0);
      },
    ),
  );
}
