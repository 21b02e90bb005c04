/** One module that cannot work beside others that can: the metrics say which, and none of its own. */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { startAgent } from "../support/agent.ts";
import { valueOf } from "../support/exposition.ts";
import { ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** An object of another module, which lacks what this one needs. */
const UNFIT = `writemonitor=${new URL("bpf/iomonitor.bpf.o", ROOT).pathname}`;

Deno.test(needs([...LIVE_KERNEL, "bash"], "probes of a module that fails are not attached", async () => {
  await using stage = new Stage();
  new Reader(stage, stage.prefix, stage.cgroup);
  const modules = ["--modules", "iomonitor,procmonitor,writemonitor", "--object", UNFIT];
  await using agent = await startAgent(["--comm-prefix", stage.prefix, ...modules]);
  await agent.child.said(/Watching the target/);
  await agent.reads();
  const metrics = (await agent.get("/metrics")).text;
  assert.equal(valueOf(metrics, 'ktm_probe_attached{module="iomonitor",probe="sys_read"}'), 1);
  assert.equal(valueOf(metrics, 'ktm_probe_attached{module="writemonitor",probe="sys_fsync"}'), 0);
  assert.equal(valueOf(metrics, 'ktm_calls_in_flight{call="pread64"}'), 0);
  // Nobody sees the target in one: 0 would be a lie.
  assert.equal(valueOf(metrics, 'ktm_calls_in_flight{call="fsync"}'), undefined);
  assert.equal(valueOf(metrics, 'ktm_call_oldest_seconds{call="fsync"}'), undefined);
  assert.equal(agent.child.stderr.match(/Module disabled/g)!.length, 1);
}));

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "a probe that all modules share says why it is not attached", async () => {
    await using stage = new Stage();
    new Reader(stage, stage.prefix, stage.cgroup);
    const options = ["--modules", "procmonitor", "--strategies", "kprobe"];
    await using agent = await startAgent(["--comm-prefix", stage.prefix, ...options]);
    await agent.child.said(/Watching the target/);
    assert.match(
      agent.child.stderr,
      /WARN +A probe cannot be attached module=target probe=process_end failures=/,
    );
  }),
);
