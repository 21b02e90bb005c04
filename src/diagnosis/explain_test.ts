import assert from "node:assert/strict";
import type { SourceWindow } from "../metrics/mod.ts";
import { explainWindows } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import { CACHED, CASES, EVICTION, QUIET, SCAN, SLOW } from "./testing_cases.ts";
import { repeat, type Second, windowOf, type WindowSettings } from "./testing_window.ts";
import { DEFAULT_THRESHOLDS } from "./thresholds.ts";

/** Thirty seconds of one thing, then thirty of another. */
function explain(before: Second, after: Second, settings: WindowSettings = {}): Explanation {
  return explainWindows([windowOf([...repeat(30, before), ...repeat(30, after)], settings)]);
}

for (const { name, after, workload, incident } of CASES) {
  Deno.test(`explainWindows() takes ${name} for ${workload}`, () => {
    const explanation = explain(QUIET, after);
    assert.deepEqual([explanation.workload, explanation.incident], [workload, incident]);
    assert.equal(explanation.confidence.level, "high", explanation.confidence.doubts.join("; "));
  });
}

Deno.test("explainWindows() says what happened, since when, how bad, why, and what was not seen", () => {
  const { summary, since, until, evidence, notSeen, compared, slowCalls, latency } = explain(
    QUIET,
    CASES[3]!.after,
  );
  assert.equal(since, "2023-11-14T22:13:50.000Z");
  assert.equal(until, null);
  assert.equal(
    summary,
    `Reads have become slower since ${since}: p95 of pread went from 4 \u00b5s to 8.19 ms`,
  );
  assert.deepEqual(evidence.map(({ signal }) => signal), [
    "latency",
    "dontneed",
    "deletes",
    "addedPages",
    "misses",
  ]);
  assert.equal(evidence[1]?.text, "fadvise calls with DONTNEED went from 0/s to 4/s");
  assert.deepEqual(notSeen.map(({ signal }) => signal), ["scanned", "direct", "memcg"]);
  assert.equal(compared?.recent.calls, 30 * 500);
  assert.equal(slowCalls?.recentShare, 0.1);
  assert.deepEqual(latency.find(({ call }) => call === "pread")?.p99, {
    baselineSeconds: 8e-6,
    recentSeconds: 8.192e-3,
  });
});

Deno.test("explainWindows() never takes cached reads that become a little slower for an incident", () => {
  const { incident } = explain({ pread: { 1: 500 } }, { pread: { 2: 300, 3: 200 }, events: EVICTION });
  assert.equal(incident, false);
  assert.equal(explain({ pread: { 1: 500 } }, { pread: { 8: 500 } }).incident, false);
  assert.equal(explain({ pread: { 1: 500 } }, { pread: { 9: 500 } }).incident, true);
});

Deno.test("explainWindows() asks for two buckets, and for more slow calls than there were", () => {
  assert.equal(explain({ pread: { 10: 500 } }, { pread: { 11: 500 } }).incident, false);
  assert.equal(explain({ pread: { 10: 500 } }, { pread: { 12: 500 } }).incident, true);
  // The share of slow calls wanders about a hundredth: p99 moves by 11 buckets.
  const wandering = explain({ pread: { 2: 9930, 13: 70 } }, { pread: { 2: 9870, 13: 130 } });
  assert.equal(wandering.incident, false);
});

Deno.test("explainWindows() notices either system call alone, and says which", () => {
  const other = { read: { 0: 100 } };
  assert.match(explain({ ...QUIET, ...other }, { pread: SLOW, ...other }).summary, /of pread went/);
  assert.match(explain({ read: CACHED }, { read: SLOW }).summary, /of read went/);
});

Deno.test("explainWindows() is not misled by a hiccup", () => {
  const hiccup = [...repeat(30, QUIET), { pread: { 13: 500 } }, ...repeat(29, QUIET)];
  assert.equal(explainWindows([windowOf(hiccup)]).incident, false);
});

Deno.test("explainWindows() is not misled by a burst that falls into two parts of the time around it", () => {
  const burst = [0, 35, 10, 0, 2].map((slow) => ({ pread: { ...CACHED, 13: slow } }));
  const stalled = [...repeat(30, QUIET), ...burst, ...repeat(10, QUIET)];
  assert.equal(explainWindows([windowOf(stalled)]).incident, false);
  assert.equal(
    explainWindows([windowOf(stalled)], { ...DEFAULT_THRESHOLDS, lastingMs: 5000 }).incident,
    true,
  );
});

Deno.test("explainWindows() finds a rise that lies in the past, and says when it ended", () => {
  const after = CASES[5]!.after;
  const passed = [...repeat(100, QUIET), ...repeat(40, after), ...repeat(60, QUIET)];
  const { workload, since, until } = explainWindows([windowOf(passed)]);
  assert.equal(workload, "W5");
  assert.equal(since, "2023-11-14T22:15:00.000Z");
  const ended = (Date.parse(until!) - Date.parse(since!)) / 1000;
  assert.ok(Math.abs(ended - 40) <= 5, `${ended} s`);
});

Deno.test("explainWindows() finds a rise in the last minutes of an hour", () => {
  const hour = [...repeat(57 * 60, QUIET), ...repeat(3 * 60, CASES[4]!.after)];
  const { workload, since } = explainWindows([windowOf(hour)]);
  assert.equal(workload, "W4");
  const late = (Date.parse(since!) - Date.parse("2023-11-14T22:13:20Z")) / 1000 - 57 * 60;
  assert.ok(Math.abs(late) <= 60, `${late} s`);
});

Deno.test("explainWindows() finds a slow drift", () => {
  const drift = Array.from({ length: 100 }, (_, step) => ({ pread: { 2: 1000 - step, 13: step } }));
  assert.equal(explainWindows([windowOf(drift)]).incident, true);
});

Deno.test("explainWindows() does not take a warm-up for an incident", () => {
  assert.equal(explain(CASES[4]!.after, QUIET).incident, false);
});

Deno.test("explainWindows() says that there is not enough data where there is not", () => {
  const short = explainWindows([windowOf(repeat(4, QUIET))]);
  assert.deepEqual([short.workload, short.compared], ["not enough data", null]);
  const few = explain({ pread: { 1: 2 } }, { pread: { 1: 2 }, events: SCAN });
  assert.deepEqual([few.workload, few.decision.action], ["not enough data", "observe-longer"]);
  const nothing = explainWindows([]);
  assert.equal(nothing.workload, "not enough data");
  assert.match(nothing.decision.advice.join("\n"), /iomonitor, .* collector\.modules$/);
  assert.equal(
    explainWindows([{ source: "ktm", timesMs: [1], monotonicMs: [1], series: [] }]).workload,
    "not enough data",
  );
  assert.equal(explain({}, {}).workload, "not enough data");
});

Deno.test("explainWindows() does not call thirty slow samples a rise of p99", () => {
  const { incident } = explain({ pread: { 1: 1 } }, { pread: { 1: 1 } });
  assert.equal(incident, false);
  const seconds = Array.from(
    { length: 60 },
    (_, second) => ({ pread: second % 29 === 28 ? { 13: 1 } : { 1: 1 } }),
  );
  assert.equal(explainWindows([windowOf(seconds)]).incident, false);
});

/** The window with the values of some rows changed. */
function changed(
  window: SourceWindow,
  change: (value: bigint | undefined, row: number) => bigint | undefined,
): SourceWindow {
  return { ...window, series: window.series.map((one) => ({ ...one, values: one.values.map(change) })) };
}

const WINDOW = windowOf([...repeat(30, QUIET), ...repeat(30, CASES[3]!.after)]);

Deno.test("explainWindows() bridges collections that are missing, and says so", () => {
  const { workload, confidence } = explainWindows([
    changed(WINDOW, (value, row) => row % 7 === 3 ? undefined : value),
  ]);
  assert.equal(workload, "W3");
  assert.deepEqual(confidence, { level: "medium", doubts: ["collections are missing: 9"] });
});

Deno.test("explainWindows() leaves out the time in which counters started anew, and says so", () => {
  const window = changed(WINDOW, (value, row) => row < 20 ? value! + 10_000_000n : value);
  const { workload, confidence } = explainWindows([window]);
  assert.equal(workload, "W3");
  assert.deepEqual(confidence, { level: "medium", doubts: ["counters started anew once"] });
});

Deno.test("explainWindows() names what was not measured in place of guessing", () => {
  const { workload, confidence, notDecidable } = explain(QUIET, CASES[4]!.after, {
    without: ["direct", "directStall"],
  });
  assert.equal(workload, "W4");
  assert.equal(confidence.level, "medium");
  assert.match(confidence.doubts[0]!, /^not measured: entries into direct reclaim$/);
  assert.match(notDecidable[0]!.what, /^W5/);
  assert.match(notDecidable[0]!.why, /the probe direct_reclaim is not attached/);
});

Deno.test("explainWindows() lowers its confidence for approximations and for another process", () => {
  const { confidence } = explain(QUIET, CASES[5]!.after, {
    inexact: ["memcg_reclaim", "cache_lookup"],
    pids: [...new Array(20).fill("1"), ...new Array(41).fill("2")],
  });
  assert.equal(confidence.level, "low");
  assert.match(confidence.doubts.join("\n"), /^only approximations: the probes memcg_reclaim$/m);
  assert.match(
    confidence.doubts.join("\n"),
    /^the target became another process once, whose caches were empty$/m,
  );
});

Deno.test("explainWindows() without the latency of one call judges by the other, and doubts", () => {
  const { workload, confidence } = explain(QUIET, CASES[4]!.after, { without: ["read", "readTime"] });
  assert.equal(workload, "W4");
  assert.deepEqual(confidence.doubts, [
    "calls of one kind are not timed: the probe sys_read is not attached",
  ]);
});

Deno.test("explainWindows() always names W6 as not decidable", () => {
  for (const { after } of CASES) {
    assert.match(explain(QUIET, after).notDecidable.map(({ what }) => what).join(), /W6/);
  }
});

Deno.test("explainWindows() decides by the thresholds that it is given", () => {
  const windows = [WINDOW];
  assert.equal(explainWindows(windows, { ...DEFAULT_THRESHOLDS, floorNs: 100e6 }).incident, false);
  assert.equal(explainWindows(windows, { ...DEFAULT_THRESHOLDS, rise: 20 }).incident, false);
  const many = { ...DEFAULT_THRESHOLDS, fewestCalls: 1e6 };
  assert.equal(explainWindows([windowOf(repeat(60, QUIET))], many).workload, "not enough data");
});

Deno.test("explainWindows() does not call it quiet when reads have stopped: they may hang", () => {
  const { workload, incident, confidence } = explain(QUIET, { pread: { 1: 1 } });
  assert.deepEqual([workload, incident], ["not enough data", false]);
  assert.match(
    confidence.doubts.join(),
    /reads have almost stopped: 1\/s, before 3\d\d\/s; what hangs is not counted/,
  );
});

Deno.test("explainWindows() counts one restart of a target that was away for a while", () => {
  const pids = Array.from({ length: 61 }, (_, second) => second < 20 ? "1" : second < 25 ? "" : "2");
  assert.deepEqual(explain(QUIET, CASES[4]!.after, { pids }).confidence, {
    level: "medium",
    doubts: ["the target became another process once, whose caches were empty"],
  });
});

/** The same window, with the wall clock set by some time after half of it. */
function withStep(window: SourceWindow, stepMs: number): SourceWindow {
  const half = window.timesMs.length / 2;
  return { ...window, timesMs: window.timesMs.map((time, row) => row < half ? time : time + stepMs) };
}

Deno.test("explainWindows() says the same when the wall clock is set", () => {
  const cases = [[...repeat(60, QUIET)], [...repeat(40, QUIET), ...repeat(30, CASES[4]!.after)]];
  for (const seconds of cases) {
    const expected = explainWindows([windowOf(seconds)]);
    for (const stepMs of [3_600_000, -3_600_000]) {
      const { workload, incident, confidence, latency, compared } = explainWindows([
        withStep(windowOf(seconds), stepMs),
      ]);
      assert.deepEqual({ workload, incident, confidence, latency }, {
        workload: expected.workload,
        incident: expected.incident,
        confidence: expected.confidence,
        latency: expected.latency,
      });
      for (const period of ["baseline", "recent"] as const) {
        const { from, to, seconds, calls } = compared![period];
        assert.deepEqual([seconds, calls], [
          expected.compared![period].seconds,
          expected.compared![period].calls,
        ]);
        assert.ok(Date.parse(from) < Date.parse(to), `${from} to ${to}`);
      }
    }
  }
});
