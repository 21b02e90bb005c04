/**
 * `deno task bench:procmonitor`: what a collection of procmonitor costs, beside reading the same from `/proc`, as a
 * table for docs/performance.md.
 *
 * @module
 */
import { IOMONITOR } from "../src/collector/iomonitor/mod.ts";
import { ThreadIterator } from "../src/collector/procmonitor/threads.ts";
import { listProcesses } from "../src/discovery/mod.ts";
import { kernelRelease, readDirectory, readTextFile, threadCpuMs } from "../src/syscall/mod.ts";
import { callsOf } from "../src/programs/mod.ts";
import { Child, output } from "../tests/support/child.ts";
import { temporaryDirectory } from "../tests/support/temp_dir.ts";
import { table } from "./table.ts";

const THREADS = [1, 100, 2000] as const;
/** Collections of which the median counts, after some that do not. */
const [WARM_UP, ROUNDS] = [20, 101];
const BUDGET_MS = 1;
const COMM = "ktm-crowd";

/** More than a processor keeps of memory. */
const memory = new Uint8Array(64 * 2 ** 20);

/** Has the processor forget what it kept of the threads, as it does from one collection to the next. */
function chillCaches(): void {
  for (let at = 0; at < memory.length; at += 64) memory[at]!++;
}

/** Processor time of one run, the median of many. */
function medianMs(run: () => void, before: () => void = () => {}): number {
  for (let index = 0; index < WARM_UP; index++) run();
  const times = Array.from({ length: ROUNDS }, () => {
    before();
    const start = threadCpuMs();
    run();
    return threadCpuMs() - start;
  });
  return times.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

/** The plain way: three files a thread, their numbers added up. */
function readProc(pid: number): number {
  let sum = 0;
  for (const task of readDirectory(`/proc/${pid}/task`)) {
    for (const file of ["stat", "schedstat", "io"]) {
      const text = readTextFile(`/proc/${pid}/task/${task}/${file}`);
      for (const word of text.split(/\s+/)) sum += Number(word) || 0;
    }
  }
  return sum;
}

await using directory = await temporaryDirectory();
const program = directory.file(COMM);
const source = new URL("procmonitor/crowd.c", import.meta.url).pathname;
const { code, stderr } = await output("cc", "-static", "-pthread", "-O2", "-o", program, source);
if (code !== 0) throw new Error(`Cannot compile: ${stderr}`);
const { release } = kernelRelease();
console.log(
  `${navigator.hardwareConcurrency} CPUs, ${Deno.build.arch}, Linux ${release}, Deno ${Deno.version.deno}.\n`,
);

const rows: string[][] = [];
let most = 0;
for (const count of THREADS) {
  await using crowd = new Child(program, { args: [String(count)], stdin: "piped" });
  await crowd.said(/^ready$/);
  const process = listProcesses(new TextEncoder().encode(COMM)).find(({ pid }) => pid === crowd.pid)!;
  using iterator = new ThreadIterator({}, callsOf(IOMONITOR.probes));
  const seen = iterator.read(process)?.seen;
  if (seen !== BigInt(count)) throw new Error(`Cannot measure: ${seen} threads of ${count}`);
  const own = medianMs(() => iterator.read(process));
  const cold = medianMs(() => iterator.read(process), chillCaches);
  const plain = medianMs(() => readProc(process.pid));
  most = Math.max(most, own);
  rows.push([
    `${count}`,
    `${own.toFixed(3)} ms`,
    `${cold.toFixed(3)} ms`,
    `${plain.toFixed(3)} ms`,
    `${BUDGET_MS} ms`,
  ]);
}
table(
  ["threads", "procmonitor", "with cold caches", "`/proc/PID/task/*/{stat,schedstat,io}`", "target"],
  rows,
);
Deno.exitCode = most < BUDGET_MS ? 0 : 1;
