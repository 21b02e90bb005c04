/** One run of a scenario on the kernel that is there. @module */
import { configFrom } from "../../src/sidecar/config/config.ts";
import { createHost, type Host } from "../../src/sidecar/host.ts";
import { kernelRelease } from "../../src/syscall/mod.ts";
import { compileWorkload } from "../support/compile.ts";
import { limitMemory } from "../support/kernel/memory_limit.ts";
import { Stage } from "../support/stage.ts";
import type { SlowDisk } from "../support/target/slow_disk.ts";
import { Cast } from "./cast.ts";
import { evictFiles } from "./files.ts";
import { summarize } from "./latency.ts";
import { compactDump, type Recording } from "./recording.ts";
import { type Scenario, strengthOf } from "./scenarios.ts";

/** Until processes have started, and what watches them. */
const SETTLE_MS = 3000;
const BASELINE_MS = 22_000;
const CHANGE_MS = 22_000;
/** What the change's processes take to start, and to have an effect. */
const RAMP_MS = 4000;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function agent(commPrefix: string): Host {
  const values = { "collector.interval": "1s", "collector.ebpf.comm_prefix": commPrefix };
  return createHost(
    configFrom(undefined, Object.entries(values).map(([path, value]) => ({ flag: path, path, value }))),
  );
}

/**
 * Makes a run.
 *
 * @param scenario what is done
 * @param run which of its runs
 * @param disk with the files
 */
export async function makeRun(scenario: Scenario, run: number, disk: SlowDisk): Promise<Recording> {
  await using stage = new Stage();
  const { memoryMb } = scenario;
  await using limit = memoryMb === undefined ? undefined : limitMemory(stage, memoryMb << 20);
  if (memoryMb !== undefined && limit === undefined) {
    throw new Error(`Cannot make a run of ${scenario.name}: no memory controller is mounted`);
  }
  const memory = limit === undefined ? [] : [limit.procs];
  const others = stage.makeCgroup("-others");
  using cast = new Cast({
    stage,
    places: {
      target: { cgroup: stage.cgroup, procs: [...disk.procs, ...memory] },
      neighbour: { cgroup: others, procs: disk.procs },
    },
    unlimited: { cgroup: stage.cgroup, procs: memory },
    folder: disk.folder,
    workload: await compileWorkload(`${stage.directory}/workload`),
  });
  const strength = strengthOf(run);
  await evictFiles(disk.folder);
  await cast.warm(scenario.warm);
  cast.start(scenario.baseline(strength));
  await sleep(SETTLE_MS);
  const { collector, recorder } = agent(stage.prefix);
  const controller = new AbortController();
  const watching = Promise.withResolvers<void>();
  const watch = collector.run(controller.signal, watching.resolve);
  await watching.promise;
  await sleep(SETTLE_MS);
  const fromMs = Date.now();
  await sleep(BASELINE_MS);
  const onsetMs = Date.now();
  cast.start(scenario.change(strength));
  await sleep(CHANGE_MS);
  const toMs = Date.now();
  const window = compactDump(recorder.dump({ fromMs, toMs }));
  controller.abort();
  await watch;
  const latencies = await cast.end();
  return {
    scenario: scenario.name,
    run,
    kernel: kernelRelease().release,
    onsetMs,
    before: summarize(latencies, fromMs, onsetMs),
    after: summarize(latencies, onsetMs + RAMP_MS, toMs),
    window,
  };
}
