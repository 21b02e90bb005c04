/** A target that is ended and started again, in its container and in another one. @module */
import assert from "node:assert/strict";
import type { Agent } from "../support/agent.ts";
import type { Workload } from "../support/target/workload.ts";
import { until } from "../support/until.ts";

async function kill(workload: Workload): Promise<void> {
  workload.child.kill("SIGKILL");
  await workload.child.outcome();
}

/** How to start the target again. */
export interface NextLives {
  readonly inItsContainer: () => Promise<Workload>;
  readonly inAnother: () => Promise<Workload>;
}

/** Sees to it that an agent's counters go on in the same container, and start from zero in another. */
export async function assertFollowed(agent: Agent, first: Workload, next: NextLives): Promise<void> {
  await agent.child.said(/Watching the target mode=full/);
  const before = await agent.reads();
  const { read: [done] } = await first.do("calls");
  await kill(first);
  await until("sign of the end", async () => await agent.value("ktm_target_up") === 0);
  const total = await agent.reads();
  assert.equal(total, before + done);
  const second = await next.inItsContainer();
  await agent.child.said(/Watching the target mode=full/, 2);
  // What started it has read its libraries.
  const again = await agent.reads();
  assert.ok(again >= total);
  const { read } = await second.do("calls");
  assert.equal(await agent.reads(), again + read[0]);

  await kill(second);
  const third = await next.inAnother();
  await agent.child.said(/in another cgroup; counters restart, history kept mode=full/);
  assert.equal(await agent.reads(), 0);
  assert.equal((await third.do("calls")).read[0], await agent.reads());
  assert.doesNotMatch(agent.child.stderr, / ERROR |mode=degraded/);
}
