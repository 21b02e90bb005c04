/**
 * `deno task bench:overhead`: what watching costs, as tables for docs/performance.md.
 *
 * What is compared takes turns, so that what else the machine does strikes all alike.
 *
 * @module
 */
import { kernelRelease, mountsOfType } from "../src/syscall/mod.ts";
import { ktmCommandLine, withMounts } from "../tests/support/ktm.ts";
import { PROGRAMS, Stage } from "../tests/support/stage.ts";
import { compile, OnDemand, run } from "./loader/programs.ts";
import { median, spread } from "./loader/statistics.ts";
import { agentUsage } from "./overhead/agent.ts";
import { sumCost } from "./overhead/cpus.ts";
import { type Design, type DesignName, Designs } from "./overhead/designs.ts";
import { CALLS, inTurns, measureCalls, type Round } from "./overhead/events.ts";
import { randomReads } from "./overhead/fio.ts";
import { table } from "./table.ts";

const CALL_ROUNDS = 120;
const FIO_ROUNDS = 8;
const COLLECT_ROUNDS = 40;
const AGENT_SECONDS = 60;
const FILE_SIZE = 64 << 20;
/** Where workloads run; this program and the machine's other work prefer the others, if there are any. */
const CPU = navigator.hardwareConcurrency - 1;
const PROCESSES = ["target", "other"] as const;
const TARGETS: Readonly<Record<typeof PROCESSES[number], readonly string[]>> = {
  target: ["0.33", "0.33", "1.0"],
  other: ["0.40", "0.40", "1.0"],
};

/** Median and quartiles of what each design adds, and of the ratio to the reference, by rounds and of the medians. */
function compareRounds(rounds: readonly Round<number>[]): string[] {
  const added = (name: DesignName) => rounds.map((round) => round[name] - round.none);
  const [reference, ours, classic] = [added("R"), added("K"), added("C")];
  const ratio = (times: readonly number[]) =>
    `${spread(times.map((ns, at) => ns / reference[at]!), 2)}, ${
      (median(times) / median(reference)).toFixed(2)
    }`;
  return [
    spread(rounds.map(({ none }) => none), 0),
    ...[reference, ours, classic].map((times) => spread(times, 0)),
    ratio(ours),
    ratio(classic),
  ];
}

async function compareCalls(all: readonly Design[], target: OnDemand, other: OnDemand): Promise<void> {
  const rounds = await measureCalls(all, CALL_ROUNDS, target, other);
  console.log(`A call, ns, and what is added to it; ${CALL_ROUNDS} rounds:\n`);
  table(
    ["call", "by", "no probes", "R adds", "K adds", "C adds", "K / R", "C / R", "goal of K / R"],
    PROCESSES.flatMap((process) =>
      CALLS.map((call, index) => {
        const times = rounds.map(({ none, R, K, C }) => ({
          none: none[process][index]!,
          R: R[process][index]!,
          K: K[process][index]!,
          C: C[process][index]!,
        }));
        return [call, process, ...compareRounds(times), TARGETS[process][index]!];
      })
    ),
  );
}

async function compareFio(
  all: readonly Design[],
  stage: Stage,
  file: string,
  otherCgroup: string,
): Promise<void> {
  const jobs = {
    target: { program: stage.copy(PROGRAMS.fio, `${stage.prefix}-f`), cgroup: stage.cgroup, file, cpu: CPU },
    other: { program: stage.copy(PROGRAMS.fio, "fio-reader"), cgroup: otherCgroup, file, cpu: CPU },
  };
  console.log(`fio, random cached reads of 4 KiB: speed against no probes; ${FIO_ROUNDS} rounds:\n`);
  const rows: string[][] = [];
  for (const process of PROCESSES) {
    const rounds = await inTurns(all, FIO_ROUNDS, () => randomReads(jobs[process]));
    const share = (name: DesignName) => spread(rounds.map((round) => round[name] / round.none), 2);
    rows.push([
      process,
      spread(rounds.map(({ none }) => none / 1000), 0),
      share("R"),
      share("K"),
      share("C"),
    ]);
  }
  table(["by", "no probes, thousand reads a second", "R", "K", "C"], rows);
}

async function compareCollections(stage: Stage, object: string, program: string): Promise<void> {
  const flags = ktmCommandLine([]).filter((word) => word.startsWith("--v8-flags"));
  const collect = ["run", "--quiet", "-A", ...flags, "bench/overhead/collect.ts", stage.prefix, "500"];
  await using ours = new OnDemand(Deno.execPath(), collect);
  await using reference = new OnDemand(program, [object]);
  const times: { ours: number; reference: number }[] = [];
  for (let round = 0; round < COLLECT_ROUNDS; round++) {
    const [ourTime, referenceTime] = [await ours.run(), await reference.run()];
    times.push({ ours: ourTime[0]!, reference: referenceTime[0]! });
  }
  console.log(`Processor time of a collection, warm; \u00b5s, ${COLLECT_ROUNDS} rounds:\n`);
  table(["what", "time", "goal"], [
    [
      "KTM: target and filter checked, counters read, samples made and recorded",
      spread(times.map(({ ours }) => ours), 0),
      "100",
    ],
    ["R's maps read by libbpf, nothing made of it", spread(times.map(({ reference }) => reference), 0), ""],
  ]);
}

function simulateCpus(): void {
  console.log("Samples out of the counters of many CPUs, which the kernel copies before; simulated:\n");
  table(
    ["possible CPUs", "bytes", "\u00b5s"],
    [1, 2, 8, 128].map((cpus) => {
      const { bytes, microseconds } = sumCost(cpus, COLLECT_ROUNDS * 10);
      return [String(cpus), String(bytes), spread(microseconds, 0)];
    }),
  );
}

async function measureAgent(prefix: string): Promise<void> {
  const { cpuMs, rssKiB } = await agentUsage(prefix, AGENT_SECONDS);
  console.log(`The agent at its interval of 10 s, over ${AGENT_SECONDS} s:\n`);
  table(["what", "value", "goal"], [
    ["processor time, % of a core", (cpuMs / AGENT_SECONDS / 10).toFixed(3), "0.05"],
    ["processor time, ms an interval", (cpuMs / AGENT_SECONDS * 10).toFixed(2), "5"],
    ["resident set, MiB", (rssKiB / 1024).toFixed(0), ""],
  ]);
}

/** Runs this program again where classic tracepoints have their file system, for its eyes only. */
async function withTracefs(): Promise<never> {
  const [program, ...words] = withMounts("mount -t tracefs tracefs /sys/kernel/tracing");
  const args = [...words, Deno.execPath(), "run", "--quiet", "-A", import.meta.filename!];
  const { code } = await new Deno.Command(program!, { args, stdout: "inherit", stderr: "inherit" }).output();
  Deno.exit(code);
}

if (mountsOfType("tracefs").length === 0) await withTracefs();

await using stage = new Stage();
const otherCgroup = stage.makeCgroup("-other");
const [workload, collector, object, file] = ["workload", "collect_reference", "reference.o", "file"]
  .map((name) => `${stage.directory}/${name}`) as [string, string, string, string];
await compile("bench/overhead/workload.c", workload);
await compile("bench/overhead/collect_reference.c", collector, "-lbpf", "-lelf");
await run("clang-19", [
  "--target=bpfel",
  "-mcpu=v3",
  "-O2",
  "-g",
  "-c",
  "bench/overhead/reference.bpf.c",
  "-o",
  object,
]);
await Deno.writeFile(file, new Uint8Array(FILE_SIZE));

function startWorkload(name: string, cgroup: string): OnDemand {
  const enter = 'echo $$ > "$0/cgroup.procs" && exec nice -n -19 "$@"';
  return new OnDemand("sh", ["-c", enter, cgroup, stage.copy(workload, name), String(CPU), file]);
}

const { release, machine } = kernelRelease();
const [version] = release.split("-");
console.log(
  `${navigator.hardwareConcurrency} CPUs, ${machine}, Linux ${version}, Deno ${Deno.version.deno}. ` +
    "Figures are medians, in brackets the quartiles.\n",
);
{
  using designs = new Designs(await Deno.readFile(object), stage.cgroup, stage.prefix);
  await using target = startWorkload(stage.prefix, stage.cgroup);
  await using other = startWorkload("reader", otherCgroup);
  await compareCalls(designs.all, target, other);
  await compareFio(designs.all, stage, file, otherCgroup);
}
await using _watched = stage.start(stage.copy("/bin/sleep", stage.prefix + "-s"), ["infinity"], stage.cgroup);
await compareCollections(stage, object, collector);
simulateCpus();
await measureAgent(stage.prefix);
