/** The process that needs no compiler: this one, beside what `/proc` says of it. */
import assert from "node:assert/strict";
import { processId } from "../../src/syscall/mod.ts";
import { statusField, threadsOf } from "../privileges/threads.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { numbersIn, targetOf, Watching } from "./harness.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

/** Nanoseconds that the threads of this process that are there have run, by `schedstat`. */
function runNs(): number {
  return threadsOf(Deno.pid)
    .map((task) => Number(Deno.readTextFileSync(`/proc/self/task/${task}/schedstat`).split(" ")[0]))
    .reduce((a, b) => a + b, 0);
}

Deno.test(needs(LIVE_KERNEL, "a process is read as /proc shows it", async () => {
  await using stage = new Stage();
  using watching = new Watching(targetOf(Deno.pid, stage.cgroup));
  watching.read();
  const threads = statusField(Deno.pid, "Threads");
  const [before, ioBefore] = [runNs(), numbersIn("/proc/self/io")];
  const read = watching.read();
  const ioAfter = numbersIn("/proc/self/io");
  assert.equal(read.get("ktm_process_threads"), Number(threads));
  // Threads that ended before are in it, and what the thread that reads has run since the scheduler looked is not.
  assert.ok(read.get("ktm_process_cpu_seconds_total")! >= before - 10e6);
  for (const [name, field] of [["read", "read_bytes"], ["written", "write_bytes"]] as const) {
    const value = read.get(`ktm_process_storage_${name}_bytes_total`)!;
    assert.ok(ioBefore[field]! <= value && value <= ioAfter[field]!, name);
  }
}));
