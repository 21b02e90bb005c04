import assert from "node:assert/strict";
import { lifeEndOf } from "./ending.ts";
import type { ProcessEnd } from "./ends.ts";

const NOW = { timeMs: 1_700_000_010_000, monotonicMs: 10_000 };
const PROCESS = { pid: 7, comm: "banyand", startTime: 4711n };

function end(of: Partial<ProcessEnd>): ProcessEnd {
  return { ...PROCESS, monotonicMs: 9500.75, how: "signal", signal: 9, ...of };
}

Deno.test("lifeEndOf() takes the end that the kernel saw of the very process, at its own time", () => {
  const ends = [
    end({ pid: 8 }),
    end({ how: "signal", signal: 11, dumpedCore: true }),
    end({ startTime: 4712n, how: "exit", status: 0 }),
  ];
  assert.deepEqual(lifeEndOf({ process: PROCESS, isRunning: false, ends, now: NOW }), {
    timeMs: 1_700_000_009_500,
    monotonicMs: 9500,
    how: "signal",
    signal: 11,
    dumpedCore: true,
  });
});

Deno.test("lifeEndOf() knows a process by its start where one side has no pid for it", () => {
  for (const [pid, endPid] of [[0, 7], [7, 0], [0, 0]] as const) {
    const of = { process: { ...PROCESS, pid }, ends: [end({ pid: endPid, signal: 11 })], now: NOW };
    assert.equal(lifeEndOf({ ...of, isRunning: false }).signal, 11);
  }
});

Deno.test("lifeEndOf() takes the newest end where only the cgroup is watched", () => {
  const ends = [end({ how: "exit", status: 1 }), end({ how: "oom", pid: 9, monotonicMs: 20_000 })];
  const { how, monotonicMs } = lifeEndOf({ process: undefined, isRunning: false, ends, now: NOW });
  assert.deepEqual([how, monotonicMs], ["oom", 10_000]);
});

Deno.test("lifeEndOf() says so where the kernel saw no end, or the process runs on elsewhere", () => {
  const of = { process: PROCESS, ends: [end({ pid: 8 })], now: NOW };
  assert.deepEqual(lifeEndOf({ ...of, isRunning: false }), { ...NOW, how: "unknown" });
  assert.deepEqual(lifeEndOf({ ...of, isRunning: true }), { ...NOW, how: "unwatched" });
});
