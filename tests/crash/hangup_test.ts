/** SIGHUP while the agent ends. */
// Runs beside others.
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";

/** Enough to hit the moments between SIGTERM and the end. */
const HANGUPS = 20_000;

Deno.test(needs(LIVE_KERNEL, "SIGHUP while the agent ends does not kill it", async () => {
  await using stage = new Stage();
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await agent.value("ktm_status");
  const { pid } = agent.child;
  // A process that has ended waits for its parent, and takes signals until then.
  const hangUp = `kill -TERM $0; i=0; while kill -HUP $0 && [ $i -lt ${HANGUPS} ]; do i=$((i+1)); done`;
  stage.start("sh", ["-c", hangUp, String(pid)], stage.cgroup);
  const { code, stderr } = await agent.child.outcome();
  assert.equal(code, 0, stderr);
}));
