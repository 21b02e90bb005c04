import assert from "node:assert/strict";
import { isHistogram } from "../../metrics/mod.ts";
import { callsOf } from "../../programs/mod.ts";
import { IOMONITOR } from "../iomonitor/mod.ts";
import { ProcessUsage } from "./process_usage.ts";
import type { ProcessTotals } from "./totals.ts";

const TOTALS: ProcessTotals = {
  startNs: 20n,
  nowNs: 50n,
  cpuNs: 100n,
  cpuWaitNs: 10n,
  hasEndedWait: false,
  majorFaults: 1n,
  readBytes: 2n,
  writtenBytes: 3n,
  threads: 4n,
  seen: 4n,
  blocked: 0n,
  calls: callsOf(IOMONITOR.probes).map(() => ({ inFlight: 0n, oldestNs: 0n })),
};

const process = (pid: number) => ({ pid, comm: "db", startTime: BigInt(pid) });

/** A kernel with the processes that are set in it. */
function usageOf(processes: Map<number, ProcessTotals>): ProcessUsage {
  return new ProcessUsage({ read: ({ pid }) => processes.get(pid) }, callsOf(IOMONITOR.probes));
}

function valueOf(samples: ReturnType<ProcessUsage["read"]>, name: string): bigint | undefined {
  const sample = samples.find(({ family }) => family.name === name);
  return sample === undefined || isHistogram(sample) ? undefined : sample.value;
}

Deno.test("read() goes on with the next process, and keeps the counters of one that has ended", () => {
  const processes = new Map([[1, TOTALS]]);
  const usage = usageOf(processes);
  assert.equal(valueOf(usage.read(process(1)), "ktm_process_cpu_seconds_total"), 100n);
  assert.equal(usage.problem, undefined);
  processes.delete(1);
  const ended = usage.read(undefined);
  assert.equal(valueOf(ended, "ktm_process_cpu_seconds_total"), 100n);
  assert.equal(valueOf(ended, "ktm_process_threads"), undefined);
  assert.equal(valueOf(ended, "ktm_calls_in_flight"), undefined);
  assert.equal(usage.problem, "process 1 has ended, or the agent's PID namespace does not hold it");
  processes.set(2, { ...TOTALS, startNs: 51n, cpuNs: 5n });
  assert.equal(valueOf(usage.read(process(2)), "ktm_process_cpu_seconds_total"), 105n);
  assert.equal(usage.problem, undefined);
});

Deno.test("read() gives the last numbers of a process that the watch has given up already", () => {
  const processes = new Map([[1, TOTALS]]);
  const usage = usageOf(processes);
  usage.read(process(1));
  processes.set(1, { ...TOTALS, cpuNs: 130n });
  assert.equal(valueOf(usage.read(undefined), "ktm_process_cpu_seconds_total"), 130n);
});

Deno.test("read() takes no more of a process that ran beside the one before than what it uses from then on", () => {
  const processes = new Map([[1, TOTALS], [2, { ...TOTALS, startNs: 30n, cpuNs: 7_000n }]]);
  const usage = usageOf(processes);
  usage.read(process(1));
  const cpu = () => valueOf(usage.read(process(2)), "ktm_process_cpu_seconds_total");
  assert.equal(cpu(), 100n);
  processes.set(2, { ...TOTALS, startNs: 30n, cpuNs: 7_003n });
  assert.equal(cpu(), 103n);
});

Deno.test("read() gives nothing of a process that it has never seen, and says why", () => {
  const usage = usageOf(new Map());
  assert.deepEqual(usage.read(undefined), []);
  assert.match(usage.problem!, /^the target is a cgroup, /);
  assert.deepEqual(usage.read({ ...process(1), pid: 0 }), []);
  assert.match(usage.problem!, /another PID namespace/);
});
