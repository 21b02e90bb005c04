/**
 * `deno task bench:exactness`: calls of several threads and processes on all processors, as they count them
 * themselves, beside what KTM counts of them; as a table for docs/performance.md.
 *
 * @module
 */
import { kernelRelease, processId } from "../src/syscall/mod.ts";
import { Stage } from "../tests/support/stage.ts";
import { Workload } from "../tests/support/target/workload.ts";
import { Watch } from "../tests/support/watch.ts";

const RUNS = 3;
const [PROCESSES, THREADS] = [4, 4];
/** Reads of each thread, and as many preads: 22.4 million calls in all. */
const REPEATS = 700_000;
/** Calls that one command makes at most, for it has to answer in time. */
const REPEATS_PER_COMMAND = 50_000;

const CALLS = ["read", "pread"] as const;
const COUNTED = CALLS.flatMap((call) => [
  `ktm_sys_${call}_latency_seconds_count`,
  `ktm_sys_${call}_errors_total`,
]);

/** What one run gave. */
interface Run {
  readonly made: number;
  readonly counted: number;
  readonly collections: number;
  readonly seconds: number;
}

/** Has the target make its calls, and collects meanwhile as often as that goes. */
async function run(target: Workload, watch: Watch): Promise<Run> {
  watch.since();
  let [made, collections, isOver] = [0, 0, false];
  const work = async () => {
    for (let repeats = 0; repeats < REPEATS; repeats += REPEATS_PER_COMMAND) {
      const { read, pread } = await target.do("storm", PROCESSES, THREADS, REPEATS_PER_COMMAND);
      made += read[0] + pread[0];
    }
    isOver = true;
  };
  const start = performance.now();
  const done = work();
  while (!isOver) {
    watch.session.collect();
    collections++;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await done;
  const seconds = (performance.now() - start) / 1000;
  const values = watch.since();
  const counted = COUNTED.reduce((sum, series) => sum + Number(values.get(series) ?? 0n), 0);
  return { made, counted, collections, seconds };
}

processId();
console.log(
  `${navigator.hardwareConcurrency} CPUs, ${Deno.build.arch}, Linux ${kernelRelease().release}; ` +
    `${PROCESSES} processes of ${THREADS} threads.\n`,
);
await using stage = new Stage();
const target = await Workload.start(stage, `${stage.prefix}-t`, stage.cgroup);
using watch = new Watch(stage.cgroup);
const strategies = watch.session.probes.filter(({ probe }) => probe.startsWith("sys_"))
  .map(({ probe, serving }) => `${probe} by ${serving?.strategy}`);
console.log(`Watched: ${strategies.join(", ")}.\n`);
console.log("| run | calls made | calls counted | lost | collections meanwhile | calls per second |");
console.log("| --- | --- | --- | --- | --- | --- |");
let lost = 0;
for (let index = 1; index <= RUNS; index++) {
  const { made, counted, collections, seconds } = await run(target, watch);
  lost += Math.abs(made - counted);
  const rate = `${(made / seconds / 1e6).toFixed(2)} million`;
  console.log(`| ${[index, made, counted, made - counted, collections, rate].join(" | ")} |`);
}
Deno.exitCode = lost === 0 ? 0 : 1;
