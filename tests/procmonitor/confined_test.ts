/** procmonitor after the agent has given up its privileges. */
import assert from "node:assert/strict";
import { output } from "../support/child.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";

const CONFINED = new URL("confined.ts", import.meta.url).pathname;

Deno.test(
  needs([...LIVE_KERNEL, "bash"], "without privileges all is read that was read with them", async () => {
    await using stage = new Stage();
    const pids: string[] = [];
    for (const name of ["first", "second"]) {
      const { pid } = await stage.startStopped(name, ":", stage.cgroup);
      pids.push(String(pid));
    }
    const args = ["run", "--quiet", "--no-check", "-A", CONFINED, stage.cgroup, ...pids];
    const { code, stdout, stderr } = await output(Deno.execPath(), ...args);
    assert.equal(code, 0, stderr);
    const [before, ...later] = JSON.parse(stdout) as string[][];
    assert.ok(
      before!.includes("ktm_process_threads") && before!.includes("ktm_calls_in_flight read"),
      stdout,
    );
    for (const read of later) assert.deepEqual(read, before);
    assert.match(stderr, /Gave up capabilities/);
  }),
);
