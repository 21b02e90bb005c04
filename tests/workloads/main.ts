/**
 * `deno task workloads`: makes each workload on a real kernel and keeps what the agent recorded of it.
 *
 * Runs that are kept are not made again. The disk is slow on purpose: a read that has to wait for it is slower
 * than a cached one by orders of magnitude, whatever else the machine does.
 *
 * @module
 */
import { DISK_LIMIT } from "../support/target/slow_disk.ts";
import { ARCHITECTURES, isNative } from "../vm/architectures.ts";
import type { Kernel } from "../vm/kernels.ts";
import { checkPrerequisites } from "../vm/prerequisites.ts";
import { findProgram } from "../vm/programs.ts";
import { runGuest } from "../vm/qemu/run_guest.ts";
import { diagnose } from "./diagnose.ts";
import { isRight, matrixTable } from "./matrix.ts";
import { type Options, parseOptions } from "./options.ts";
import { isTrue, type Recording, rise } from "./recording.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { isKept, keep, readKept } from "./windows.ts";

/** Runs of a guest before it is switched off: little is lost with it. */
const RUNS_OF_A_GUEST = 4;

/** Runs at once on this machine's kernel; each has its own files, and hardly needs a processor. */
const RUNS_AT_ONCE = 4;

const GUEST_TIMEOUT_MS = 900_000;

/** How often a run is made until it is what it is to be. */
const ATTEMPTS = 3;

const PROGRAM = "tests/workloads/make_runs.ts";

/** What the readers are, here and in a guest. */
const READERS = ["fio", "sqlite3"];

/** What a run needs beside them on this machine, by the packages that have it. */
const TOOLS = { fio: "fio", sqlite3: "sqlite3", cc: "gcc", losetup: "mount", "mkfs.ext4": "e2fsprogs" };

interface Case {
  readonly scenario: Scenario;
  readonly run: number;
}

function nameOf({ scenario, run }: Case): string {
  return `${scenario.name}:${run}`;
}

/** Round by round, so that an early end leaves something of each. */
function missing({ runs, filter, kernel }: Options): Case[] {
  const guest = kernel === undefined ? {} : { guest: kernel.release };
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(filter));
  return Array.from({ length: runs }, (_, run) => scenarios.map((scenario) => ({ scenario, run })))
    .flat()
    .filter(({ scenario, run }) => !isKept({ scenario: scenario.name, run, ...guest }));
}

/** Makes runs in a virtual machine, and gives what was said. */
async function runInGuest(cases: readonly Case[], kernel: Kernel): Promise<string> {
  const architecture = ARCHITECTURES.find(isNative);
  if (architecture === undefined) throw new Error(`Cannot start guests on ${Deno.build.arch}`);
  checkPrerequisites([architecture]);
  const { results } = await runGuest({
    kernel,
    architecture,
    boot: { processors: 1, diskLimit: DISK_LIMIT, kernelArguments: ["mitigations=off"] },
    tools: READERS,
    timeoutMs: GUEST_TIMEOUT_MS,
    commands: [{
      command: ["deno", "run", "-A", "--no-check", "--cached-only", PROGRAM, ...cases.map(nameOf)],
    }],
  });
  return results[0]!.output;
}

function checkTools(): void {
  const missing = Object.entries(TOOLS).filter(([program]) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const [programs, packages] = [0, 1].map((at) => missing.map((tool) => tool[at]));
  throw new Deno.errors.NotFound(
    `Cannot make workloads: ${programs!.join(", ")} not found: run apt-get install ${packages!.join(" ")}`,
  );
}

/** Makes a run on this machine's kernel, and gives what was said. */
async function runHere(one: Case): Promise<string> {
  const args = ["run", "-A", "--no-check", "--quiet", PROGRAM, nameOf(one)];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" })
    .output();
  const decoder = new TextDecoder();
  return success ? decoder.decode(stdout) : decoder.decode(stderr);
}

const us = (ns: number) => (ns / 1000).toFixed(0);

function describe({ scenario, run, before, after }: Recording): string {
  const times = [before, after].map(({ count, p50Ns, p95Ns, p99Ns }) =>
    `${count} reads of ${us(p50Ns)}/${us(p95Ns)}/${us(p99Ns)} us`
  );
  return `${scenario}:${run} ${times.join(" -> ")}, p99 x ${rise({ before, after }).toFixed(1)}`;
}

/** Keeps those of the runs that are what they are to be, and gives how many are not. */
async function judge(said: string, count: number, kernel?: Kernel): Promise<number> {
  const lines = said.split("\n");
  const recordings: Recording[] = lines.filter((line) => line.startsWith("{")).map((line) =>
    JSON.parse(line)
  );
  if (recordings.length < count) console.log(lines.filter((line) => !line.startsWith("{")).join("\n"));
  let good = 0;
  for (const recording of recordings) {
    const { truth } = SCENARIOS.find(({ name }) => name === recording.scenario)!;
    const isGood = isTrue(truth, recording);
    console.log(`${isGood ? "kept" : "VOID"} ${describe(recording)}`);
    if (!isGood) continue;
    await keep(kernel === undefined ? recording : { ...recording, guest: kernel.release });
    good++;
  }
  return count - good;
}

/** Makes what is missing, once, and gives how many runs were void, or did not come to their end. */
async function makeMissing(options: Options): Promise<number> {
  const { kernel } = options;
  const cases = missing(options);
  const voids: number[] = [];
  if (kernel !== undefined) {
    while (cases.length > 0) {
      const some = cases.splice(0, RUNS_OF_A_GUEST);
      voids.push(await judge(await runInGuest(some, kernel), some.length, kernel));
    }
  } else {
    checkTools();
    const worker = async () => {
      for (let one = cases.shift(); one !== undefined; one = cases.shift()) {
        voids.push(await judge(await runHere(one), 1));
      }
    };
    await Promise.all(Array.from({ length: RUNS_AT_ONCE }, worker));
  }
  return voids.reduce((sum, count) => sum + count, 0);
}

/** Prints what the diagnosis says of what is kept, for each kernel. */
async function printMatrix(): Promise<void> {
  const byKernel = Map.groupBy(await readKept(), ({ kernel }) => kernel);
  for (const [kernel, recordings] of byKernel) {
    const verdicts = recordings.map(diagnose);
    console.log(`\nLinux ${kernel}, ${recordings.length} runs:\n\n${matrixTable(verdicts)}\n`);
    for (const { scenario, run, workload } of verdicts.filter((verdict) => !isRight(verdict))) {
      console.log(`- ${scenario} ${run} is taken for ${workload}`);
    }
  }
}

async function main(options: Options): Promise<boolean> {
  if (options.matrix) {
    await printMatrix();
    return true;
  }
  let voids = 0;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) voids += await makeMissing(options);
  const rest = missing(options).length;
  console.log(`${voids} runs were void, ${rest} are missing`);
  return rest === 0;
}

if (import.meta.main) {
  try {
    Deno.exit(await main(parseOptions(Deno.args)) ? 0 : 1);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(error instanceof RangeError ? 2 : 1);
  }
}
