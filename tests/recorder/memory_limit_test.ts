/** The memory limit of a real cgroup, of whichever version this machine limits memory with. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { output } from "../support/child.ts";
import { removeCgroup } from "../support/kernel/cgroup.ts";
import { limitMemory } from "../support/kernel/memory_limit.ts";
import { ROOT } from "../support/ktm.ts";
import { needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";

const LIMIT = 256 * 2 ** 20;

Deno.test(needs(["root", "cgroup2"], "The limit of a cgroup above that of the process is found", async () => {
  await using stage = new Stage();
  await using limit = limitMemory(stage, LIMIT);
  assert.ok(limit !== undefined, "no memory controller is mounted");
  const inner = `${dirname(limit.procs)}/inner`;
  await Deno.mkdir(inner);
  try {
    const program = new URL("tests/recorder/print_memory_limit.ts", ROOT).pathname;
    const enter = ["-c", 'echo $$ > "$0" && exec "$@"', `${inner}/cgroup.procs`];
    const { stdout, stderr } = await output("sh", ...enter, Deno.execPath(), "run", "--allow-ffi", program);
    assert.equal(stdout, `${LIMIT}\n`, stderr);
  } finally {
    await removeCgroup(inner);
  }
}));
