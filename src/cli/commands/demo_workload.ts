/**
 * `ktm demo-workload FILE COMM MILLISECONDS`: the process that the demo watches.
 *
 * It stops itself when it is ready, works when it is told to go on, writes its counts to FILE.counts and
 * stops itself again: while it is stopped nothing of it can be counted, so that both sides count the same.
 *
 * @module
 */
import {
  Errno,
  isErrno,
  openFile,
  OpenFlag,
  readDirectory,
  readTextFile,
  sendSignal,
  setComm,
  setDeathSignal,
  Signal,
  writeAll,
} from "../../syscall/mod.ts";
import type { CommandLine } from "../command.ts";
import { rawFadvise, rawPread, rawRead } from "../demo/calls.ts";
import { DEMO_ADVICE, zeroCounts } from "../demo/counts.ts";

const READ_SIZE = 64 * 1024;
const PREAD_SIZE = 4096;
const PREADS_PER_ROUND = 100;
const NO_DESCRIPTOR = -1;

function stop(): void {
  sendSignal(Deno.pid, Signal.SIGSTOP);
}

/** Reads the file to its end, then parts of it, and gives every advice once. */
function round(path: string, counts: ReturnType<typeof zeroCounts>, large: Uint8Array<ArrayBuffer>): void {
  using file = openFile(path);
  for (let got = -1; got !== 0;) {
    got = rawRead(file.number, large);
    counts.reads++;
    counts.readBytes += got;
  }
  const small = large.subarray(0, PREAD_SIZE);
  for (let index = 0; index < PREADS_PER_ROUND; index++) {
    counts.preadBytes += rawPread(file.number, small, index * PREAD_SIZE);
    counts.preads++;
  }
  for (const { advice, number } of DEMO_ADVICE) {
    counts.fadvises++;
    counts[`advice_${advice}`]++;
    if (rawFadvise(file.number, number) === 0) counts.fadviseSuccess++;
  }
  if (rawRead(NO_DESCRIPTOR, small) < 0) counts.readErrors++;
}

/** How long the workload works before it counts. */
const WARM_UP_MS = 50;

/** A thread that has ended since it was listed sleeps for good. */
function isAsleep(thread: string): boolean {
  try {
    const text = readTextFile(`/proc/self/task/${thread}/stat`);
    return text.startsWith(") S", text.lastIndexOf(")"));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT, Errno.ESRCH)) return true;
    throw error;
  }
}

/** Whether every thread but this one, the main thread, waits for something to do. */
function othersAreAsleep(): boolean {
  const main = String(Deno.pid);
  return readDirectory("/proc/self/task").every((thread) => thread === main || isAsleep(thread));
}

/**
 * Works until the runtime's other threads have started and found nothing more to do: at its first task one of
 * them reads /sys/devices/system/cpu/online, which would be counted.
 */
function warmUp(path: string, buffer: Uint8Array<ArrayBuffer>): void {
  const end = performance.now() + WARM_UP_MS;
  do round(path, zeroCounts(), buffer); while (performance.now() < end || !othersAreAsleep());
}

/** Runs the workload; the demo ends it. */
export function run({ args }: CommandLine): Promise<number> {
  const [path, comm, milliseconds] = args;
  if (path === undefined || comm === undefined || milliseconds === undefined) {
    throw new Error("Cannot run the workload: the demo starts it with FILE COMM MILLISECONDS");
  }
  setDeathSignal(Signal.SIGKILL);
  setComm(comm);
  const counts = zeroCounts();
  const buffer = new Uint8Array(new ArrayBuffer(READ_SIZE));
  using result = openFile(`${path}.counts`, OpenFlag.WRONLY | OpenFlag.CREAT | OpenFlag.EXCL);
  warmUp(path, buffer);
  stop();
  const end = performance.now() + Number(milliseconds);
  do round(path, counts, buffer); while (performance.now() < end);
  writeAll(result, new TextEncoder().encode(JSON.stringify(counts)), "the counts");
  stop();
  return Promise.resolve(0);
}
