import assert from "node:assert/strict";
import type { LifeEnd } from "../metrics/mod.ts";
import { explainRecording } from "./explain.ts";
import { repeat, windowOf } from "./testing_window.ts";
import { formatExplanation } from "./words/text.ts";
import { CASES, QUIET } from "./testing_cases.ts";

/** A moment in the windows of this file, in seconds from their beginning. */
function at(second: number) {
  const timeMs = 1_700_000_000_000 + second * 1000;
  return { timeMs, monotonicMs: timeMs };
}

/** A life that ended after sixty seconds of slow reads, and one that goes on quietly. */
function crashed(end: LifeEnd) {
  const slow = [...repeat(60, QUIET), ...repeat(60, CASES[4]!.after)];
  const next = windowOf(repeat(60, QUIET), { startMs: at(130).timeMs, pids: new Array(61).fill("2") });
  return {
    lives: [
      { number: 1, target: { comm: "banyand", pid: 1, cgroup: "/db" }, begin: at(-600), end },
      { number: 2, target: { comm: "banyand", pid: 2, cgroup: "/db" }, begin: at(130) },
    ],
    windows: [{ ...windowOf(slow), life: 1 }, { ...next, life: 2 }],
  };
}

Deno.test("explainRecording() tells the end of the target first, and then what was before it", () => {
  const { ends, workload, incident, about, decision, compared } = explainRecording(
    crashed({ ...at(120.4), how: "signal", signal: 11, dumpedCore: true }),
  );
  assert.deepEqual(ends, [{
    life: 1,
    comm: "banyand",
    pid: 1,
    cgroup: "/db",
    at: "2023-11-14T22:15:20.400Z",
    how: "signal",
    isCrash: true,
    status: null,
    signal: "SIGSEGV",
    dumpedCore: true,
    watchedSeconds: 720.4,
    collections: 121,
    missingSeconds: 0.4,
    text: "banyand (process 1, /db) killed by SIGSEGV, core dumped at 2023-11-14T22:15:20.400Z, " +
      "after 12 min under watch",
    advice: [
      "The database crashed by SIGSEGV: keep its log and core dump (coredumpctl)",
      "Save the history: curl --fail 'http://127.0.0.1:9090/recorder?last=1h' > crash.json",
    ],
  }]);
  assert.deepEqual([workload, incident, about], ["W4", true, "before the end"]);
  assert.equal(decision.action, "trigger-fodc");
  assert.deepEqual(decision.advice.slice(0, 2), ends[0]?.advice);
  assert.ok(Date.parse(compared!.recent.to) <= at(120).timeMs);
});

Deno.test("explainRecording() goes on from the life before where the one that ended was too short", () => {
  const recording = crashed({ ...at(120), how: "exit", status: 1 });
  const ended = { ...recording.lives[1]!, end: { ...at(133), how: "oom", signal: 9 } as const };
  const short = { ...windowOf(repeat(3, QUIET), { startMs: at(130).timeMs }), life: 2 };
  const { ends, workload, incident } = explainRecording({
    lives: [recording.lives[0]!, ended],
    windows: [recording.windows[0]!, short],
  });
  assert.deepEqual(ends.map(({ how, status, signal }) => [how, status, signal]), [
    ["exit", 1, null],
    ["oom", null, "SIGKILL"],
  ]);
  assert.deepEqual([workload, incident], ["W4", true]);
});

Deno.test("explainRecording() asks for action after a crash, however quiet the reads were, and not after a stop", () => {
  const quiet = (end: LifeEnd) => {
    const { lives } = crashed(end);
    return explainRecording({ lives, windows: [{ ...windowOf(repeat(120, QUIET)), life: 1 }] }).decision;
  };
  assert.deepEqual(quiet({ ...at(120), how: "oom", signal: 9 }).action, "trigger-fodc");
  assert.match(quiet({ ...at(120), how: "oom", signal: 9 }).advice[0]!, /for lack of memory/);
  assert.ok(!quiet({ ...at(120), how: "exit", status: 1 }).advice.includes("Nothing"));
  for (const end of [{ how: "exit", status: 0 }, { how: "signal", signal: 15 }] as const) {
    assert.deepEqual(quiet({ ...at(120), ...end }), { action: "none", advice: ["Nothing"] });
  }
});

Deno.test("explainRecording() tells of a target that was gone when the next agent looked for it", () => {
  const recording = crashed({ ...at(120), how: "unwatched" });
  const [end] = explainRecording(recording).ends;
  assert.deepEqual([end?.how, end?.isCrash], ["unwatched", false]);
  assert.match(formatExplanation(explainRecording(recording)), /^TARGET NOT WATCHED TO ITS END: banyand /);
  // The same process is watched again, or nothing has been looked at since.
  const [first, second] = recording.lives;
  const back = { ...recording, lives: [first!, { ...second!, target: first!.target }] };
  assert.deepEqual(explainRecording(back).ends, []);
  assert.deepEqual(explainRecording({ lives: [first!], windows: recording.windows.slice(0, 1) }).ends, []);
});

Deno.test("explainRecording() does not tell ends before the period", () => {
  assert.deepEqual(explainRecording(crashed({ ...at(-1), how: "exit", status: 1 })).ends, []);
});

Deno.test("explainRecording() tells the newest of very many ends", () => {
  const lives = Array.from({ length: 100 }, (_, index) => ({
    number: index + 1,
    target: { comm: "banyand" },
    begin: at(index),
    end: { ...at(index + 0.5), how: "exit", status: 1 } as const,
  }));
  const { ends, workload } = explainRecording({ lives, windows: [windowOf(repeat(120, {}))] });
  assert.deepEqual(ends.map(({ life }) => life), lives.slice(-16).map(({ number }) => number));
  assert.equal(ends.at(-1)?.missingSeconds, null);
  assert.equal(workload, "not enough data");
});
