/** procmonitor in a PID namespace, where numbers are not those of the kernel. */
import assert from "node:assert/strict";
import { output } from "../support/child.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";

const PROGRAM = new URL("in_namespace.ts", import.meta.url).pathname;

Deno.test(
  needs(
    [...LIVE_KERNEL, "unshare"],
    "a process is known by its number in the agent's PID namespace",
    async () => {
      await using stage = new Stage();
      const deno = [Deno.execPath(), "run", "--quiet", "--no-check", "-A", PROGRAM, stage.cgroup];
      const { code, stdout, stderr } = await output("unshare", "--pid", "--fork", "--mount-proc", ...deno);
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), { pid: 1, threads: 1, isOwnRight: true });
    },
  ),
);
