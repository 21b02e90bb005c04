/**
 * Makes runs on the kernel that is there, and prints each as a line of JSON: `make_runs.ts SCENARIO:RUN...`.
 *
 * In a guest `KTM_SCRATCH` names a folder on its disk, which the emulator makes slow.
 *
 * @module
 */
import { makeSlowDisk } from "../support/target/slow_disk.ts";
import { makeFiles } from "./files.ts";
import { makeRun } from "./make_run.ts";
import { SCENARIOS } from "./scenarios.ts";

const cases = Deno.args.map((argument) => {
  const [name, run] = argument.split(":");
  const scenario = SCENARIOS.find((one) => one.name === name);
  if (scenario === undefined) throw new RangeError(`Unknown scenario ${JSON.stringify(name)}`);
  return { scenario, run: Number(run) };
});

const scratch = Deno.env.get("KTM_SCRATCH");
await using stack = new AsyncDisposableStack();
const disk = scratch === undefined ? await makeSlowDisk(stack) : { folder: scratch, procs: [] };
await makeFiles(disk.folder, cases.some(({ scenario }) => scenario.needsDatabase));
for (const { scenario, run } of cases) console.log(JSON.stringify(await makeRun(scenario, run, disk)));
