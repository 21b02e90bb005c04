/** KTM under a profiler, whose signals interrupt what the kernel verifies. @module */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { Child } from "../support/child.ts";
import { ktmCommandLine, ROOT } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { Reader } from "../support/target/reader.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** The same programs as usual: a load that is interrupted again and again would count as refused. */
async function strategies(stage: Stage, ...flags: readonly string[]): Promise<string[]> {
  const [deno, run, ...words] = ktmCommandLine([
    "snapshot",
    "--duration",
    "1ms",
    "--comm-prefix",
    stage.prefix,
  ]);
  await using child = new Child(deno!, { args: [run!, ...flags, ...words], cwd: ROOT });
  const { code, stdout, stderr } = await child.outcome();
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => line.startsWith("ktm_probe_info{"));
}

Deno.test(needs([...LIVE_KERNEL, "bash"], "a profiler keeps no program from being loaded", async () => {
  await using stage = new Stage();
  await using directory = await temporaryDirectory();
  new Reader(stage, stage.prefix, stage.cgroup);
  const usual = await strategies(stage);
  assert.ok(usual.length > 5);
  // A signal each tenth of a millisecond, while some programs take half of one to be verified.
  const interval = ["--cpu-prof-dir", directory.path, "--cpu-prof-interval", "100"];
  assert.deepEqual(await strategies(stage, ...interval), usual);
}));
