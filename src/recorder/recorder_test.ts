import assert from "node:assert/strict";
import type { LifeTarget, MetricFamily, Moment, Sample, SampleSet } from "../metrics/mod.ts";
import { blockBytes } from "./block.ts";
import type { RecorderDump, SeriesDump } from "./dump.ts";
import { readDump } from "./read_dump.ts";
import { FlightRecorder } from "./recorder.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "Level.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

const KIB = 1024;

/** What the monotonic clock shows when the calendar begins. */
const BOOT_MS = 5000;

function counters(count: number, value: bigint): Sample[] {
  return Array.from({ length: count }, (_, index) => ({ family: READS, labels: { cpu: `${index}` }, value }));
}

function setOf(timeMs: number, samples: readonly Sample[], source = "io"): SampleSet {
  return { source, timeMs, monotonicMs: timeMs + BOOT_MS, samples };
}

function recorderOf(sets: readonly SampleSet[], memoryLimit = KIB * KIB): FlightRecorder {
  const recorder = new FlightRecorder({ memoryLimit });
  for (const set of sets) recorder.record(set);
  return recorder;
}

Deno.test("latest() gives the newest set of each source", () => {
  const newest = setOf(2, counters(1, 2n));
  const other = setOf(1, [], "ktm");
  const recorder = recorderOf([setOf(1, counters(1, 1n)), other, newest]);
  assert.deepEqual(recorder.latest(), [newest, other]);
  assert.deepEqual(recorder.latest("ktm"), [other]);
  assert.deepEqual(recorder.latest("unknown"), []);
});

Deno.test("window() gives the values of the period, its ends included", () => {
  const recorder = recorderOf([10, 20, 30, 40].map((timeMs) => setOf(timeMs, counters(1, BigInt(timeMs)))));
  const series = { family: READS, labels: { cpu: "0" }, part: "value", upperBound: undefined };
  assert.deepEqual(recorder.window({ fromMs: 20, toMs: 30 }), [
    {
      source: "io",
      timesMs: [20, 30],
      monotonicMs: [5020, 5030],
      series: [{ ...series, values: [20n, 30n] }],
    },
  ]);
  assert.deepEqual(recorder.window({ fromMs: 40 }), [
    { source: "io", timesMs: [40], monotonicMs: [5040], series: [{ ...series, values: [40n] }] },
  ]);
  assert.deepEqual(recorder.window()[0]?.timesMs, [10, 20, 30, 40]);
});

Deno.test("window() leaves out a series that has no value in the period", () => {
  const recorder = recorderOf([setOf(1, counters(2, 1n)), setOf(2, counters(1, 1n))]);
  assert.deepEqual(recorder.window({ fromMs: 2 })[0]?.series.map(({ labels }) => labels), [{ cpu: "0" }]);
});

Deno.test("record() keeps all 64 bits of counters, and the sign of gauges", () => {
  const recorder = recorderOf([
    setOf(1, [
      { family: READS, labels: {}, value: 2n ** 64n - 1n },
      { family: LEVEL, labels: {}, value: -(2n ** 63n) },
      { family: LATENCY, labels: {}, bounds: [1_000n], buckets: [2n ** 63n, 1n], sum: 2n ** 64n - 2n },
    ]),
  ]);
  const values = recorder.window()[0]?.series.map((
    { part, upperBound, values },
  ) => [part, upperBound, values]);
  assert.deepEqual(values, [
    ["value", undefined, [2n ** 64n - 1n]],
    ["value", undefined, [-(2n ** 63n)]],
    ["bucket", 1_000n, [2n ** 63n]],
    ["bucket", undefined, [1n]],
    ["sum", undefined, [2n ** 64n - 2n]],
  ]);
});

Deno.test("record() leaves a gap, not a zero, for a series that a set lacks", () => {
  const recorder = recorderOf([setOf(1, counters(1, 7n)), setOf(2, []), setOf(3, counters(1, 8n))]);
  assert.deepEqual(recorder.window()[0]?.series[0]?.values, [7n, undefined, 8n]);
});

Deno.test("record() records nothing of a set with a value that does not fit", () => {
  const good = setOf(1, counters(1, 1n));
  const recorder = recorderOf([good]);
  assert.throws(() => recorder.record(setOf(2, counters(1, 2n ** 64n))), RangeError);
  assert.throws(() => recorder.record(setOf(NaN, counters(1, 1n))), RangeError);
  assert.deepEqual(recorder.latest(), [good]);
  assert.deepEqual(recorder.window()[0]?.timesMs, [1]);
});

Deno.test("record() never holds more bytes than the limit while series come and go, and drops the oldest", () => {
  const memoryLimit = 100 * KIB;
  const recorder = recorderOf([], memoryLimit);
  let largest = 0;
  for (let time = 0; time < 5000; time++) {
    const series = 20 + 17 * (Math.floor(time / 500) % 3) + (time % 7 === 0 ? 5 : 0);
    recorder.record(setOf(time, counters(series, BigInt(time))));
    recorder.record(setOf(time, counters(3, BigInt(time)), "ktm"));
    assert.ok(recorder.byteLength <= memoryLimit, `${recorder.byteLength} bytes at ${time}`);
    largest = Math.max(largest, recorder.byteLength);
  }
  assert.ok(largest > 0.8 * memoryLimit, `uses only ${largest} bytes`);
  for (const { timesMs, series } of recorder.window()) {
    const oldest = timesMs[0] ?? 0;
    assert.deepEqual(timesMs, Array.from({ length: 5000 - oldest }, (_, index) => oldest + index));
    assert.deepEqual(series[0]?.values, timesMs.map(BigInt));
    assert.ok(oldest > 0 && timesMs.length >= 100, `${timesMs.length} rows`);
  }
});

Deno.test("record() takes memory as history grows, not in advance", () => {
  const recorder = recorderOf([setOf(0, counters(100, 1n))], 64 * KIB * KIB);
  assert.ok(recorder.byteLength < 64 * KIB);
});

Deno.test("record() drops the history of a source that fell silent before that of the others", () => {
  const recorder = recorderOf([setOf(0, counters(10, 1n), "silent")], 20 * KIB);
  for (let time = 1; time <= 1000; time++) recorder.record(setOf(time, counters(10, 1n)));
  const [silent, io] = recorder.window();
  assert.deepEqual(silent?.timesMs, []);
  assert.equal(io?.timesMs.at(-1), 1000);
  assert.deepEqual(recorder.latest("silent").length, 1);
});

Deno.test("record() keeps the newest set when there is no room for any history", () => {
  const set = setOf(1, counters(1000, 1n));
  const recorder = recorderOf([set], KIB);
  assert.equal(recorder.byteLength, 0);
  assert.deepEqual(recorder.latest(), [set]);
});

Deno.test("dump() writes the period as JSON that names its version", () => {
  const recorder = recorderOf([setOf(1, counters(1, 1n)), setOf(2, counters(1, 2n ** 60n))]);
  assert.deepEqual(JSON.parse(JSON.stringify(recorder.dump({ fromMs: 2 }))), {
    version: 2,
    lives: [],
    sources: [{
      source: "io",
      timesMs: [2],
      monotonicMs: [5002],
      series: [{
        name: "reads_total",
        type: "counter",
        unit: "1",
        labels: { cpu: "0" },
        part: "value",
        values: ["1152921504606846976"],
      }],
    }],
  });
});

Deno.test("FlightRecorder rejects a memory limit that is not a positive integer", () => {
  for (const memoryLimit of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new FlightRecorder({ memoryLimit }), RangeError);
  }
});

Deno.test("dumpText() is the text of dump(), whatever the period", () => {
  const rows = Array.from({ length: 200 }, (_, time) =>
    setOf(time, [
      ...counters(1 + time % 3, BigInt(time)),
      ...time < 100 ? [] : [{ family: LEVEL, labels: { of: 'a "b"' }, value: -BigInt(time) }],
      { family: LATENCY, labels: {}, bounds: [1_000n], buckets: [1n, 2n], sum: 2n ** 64n - 1n },
    ]));
  const recorder = recorderOf([...rows, setOf(150, counters(1, 7n), "ktm"), setOf(151, [], "empty")]);
  const ranges = [{}, { fromMs: 70, toMs: 130 }, { toMs: 64 }, { fromMs: 199 }, { fromMs: 1000 }, {
    toMs: -1,
  }];
  for (const range of ranges) {
    const read = JSON.parse([...recorder.dumpText(range)].join(""));
    const order = ({ name, labels, upperBound }: SeriesDump) => JSON.stringify([name, labels, upperBound]);
    const sorted = ({ version, lives, sources }: RecorderDump) => ({
      version,
      lives,
      sources: sources.map((source) => ({
        ...source,
        series: source.series.toSorted((a, b) => order(a) < order(b) ? -1 : 1),
      })),
    });
    assert.deepEqual(sorted(read), sorted(recorder.dump(range)), JSON.stringify(range));
  }
});

Deno.test("dumpText() gives what was there at its beginning, though more is recorded and old rows go", () => {
  const limit = 44 * KIB;
  const sets = Array.from({ length: 400 }, (_, time) => setOf(time, counters(10, BigInt(time))));
  const recorder = recorderOf(sets, limit);
  const expected = JSON.stringify(recorder.dump());
  assert.ok(expected.includes('"timesMs":[0,'));
  let text = "";
  let time = sets.length;
  for (const piece of recorder.dumpText()) {
    text += piece;
    // The series are others now, too.
    for (let count = 0; count < 10; count++) recorder.record(setOf(time++, counters(12, 1n)));
  }
  assert.equal(text, expected);
  assert.ok(recorder.window()[0]!.timesMs[0]! > sets.length, "not all that was dumped is gone by now");
  assert.ok(recorder.byteLength <= limit);
});

const TARGET: LifeTarget = { comm: "banyand", pid: 7, cgroup: "/sys/fs/cgroup/db" };

function at(timeMs: number): Moment {
  return { timeMs, monotonicMs: timeMs + BOOT_MS };
}

/** Records rows of two sources, of which one tells of the target. */
function recordBoth(recorder: FlightRecorder, fromMs: number, toMs: number, series = 1): void {
  for (let time = fromMs; time <= toMs; time++) {
    recorder.record(setOf(time, counters(series, BigInt(time))));
    recorder.record(setOf(time, counters(1, BigInt(time)), "ktm"));
  }
}

Deno.test("endLife() closes the history of the sources that tell of the target, and keeps it", () => {
  const recorder = recorderOf([setOf(0, [])]);
  recorder.beginLife(TARGET, at(1), ["io"]);
  recordBoth(recorder, 1, 3);
  recorder.endLife({ ...at(3), how: "signal", signal: 9 }, ["io"]);
  recorder.restart("io");
  assert.deepEqual(recorder.latest().map(({ source }) => source), ["ktm"]);
  recordBoth(recorder, 4, 4);
  recorder.beginLife({ comm: "banyand" }, at(5), ["io"]);
  recordBoth(recorder, 5, 6);
  assert.deepEqual(
    recorder.window().map(({ source, life, timesMs }) => ({ source, life, timesMs })),
    [
      { source: "io", life: 1, timesMs: [0, 1, 2, 3] },
      { source: "ktm", life: undefined, timesMs: [1, 2, 3, 4, 5, 6] },
      { source: "io", life: 2, timesMs: [4, 5, 6] },
    ],
  );
  assert.deepEqual(recorder.lives, [
    { number: 1, target: TARGET, begin: at(1), end: { ...at(3), how: "signal", signal: 9 } },
    { number: 2, target: { comm: "banyand" }, begin: at(5) },
  ]);
  assert.deepEqual(readDump([...recorder.dumpText()].join("")).lives, recorder.lives);
  assert.deepEqual(readDump(JSON.stringify(recorder.dump())).lives, recorder.lives);
});

Deno.test("endLife() ends a life once, and does nothing where none lasts", () => {
  const recorder = recorderOf([setOf(0, [])]);
  recorder.endLife({ ...at(0), how: "unknown" }, ["io"]);
  assert.equal(recorder.lives.length, 0);
  recorder.beginLife(TARGET, at(0), ["io"]);
  recorder.endLife({ ...at(1), how: "oom", signal: 9 }, ["io"]);
  recorder.endLife({ ...at(2), how: "unknown" }, ["io"]);
  assert.deepEqual(recorder.lives.map(({ end }) => end?.how), ["oom"]);
});

Deno.test("record() drops the minutes before the newest crash last", () => {
  const memoryLimit = 200 * KIB;
  const recorder = recorderOf([], memoryLimit);
  const minute = 60_000;
  let time = 0;
  const live = (rows: number) => {
    recorder.beginLife(TARGET, at(time), ["io"]);
    for (let row = 0; row < rows; row++, time += 10_000) {
      recorder.record(setOf(time, counters(20, BigInt(time))));
      recorder.record(setOf(time, counters(3, BigInt(time)), "ktm"));
      assert.ok(recorder.byteLength <= memoryLimit, `${recorder.byteLength} bytes`);
    }
    recorder.endLife({ ...at(time), how: "signal", signal: 11 }, ["io"]);
  };
  live(300);
  live(300);
  const endMs = time;
  live(5000);
  const crash = (life: number) => recorder.window().find((window) => window.life === life);
  // While the third life lasted, the end of the second was the newest one.
  const kept = crash(2)?.timesMs ?? [];
  assert.equal(kept.at(-1), endMs - 10_000);
  assert.ok(kept[0]! <= endMs - 15 * minute, `kept from ${endMs - kept[0]!} ms before the end`);
  assert.deepEqual(kept, Array.from({ length: kept.length }, (_, row) => kept[0]! + row * 10_000));
  assert.equal(crash(1), undefined);
});

Deno.test("record() takes no memory for rows that a short life did not have", () => {
  const recorder = recorderOf([], 1000 * KIB);
  for (let life = 0; life < 1000; life++) {
    recorder.beginLife(TARGET, at(life), ["io"]);
    recorder.record(setOf(life, counters(20, 1n)));
    recorder.endLife({ ...at(life), how: "exit", status: 0 }, ["io"]);
  }
  assert.equal(recorder.byteLength, 1000 * blockBytes(20, 1));
  assert.equal(recorder.lives.length, 256);
  assert.equal(recorder.lives.at(-1)?.number, 1000);
});

Deno.test("window() takes a period of either clock", () => {
  const sets = [100, 200, 50, 60].map((timeMs, row) => ({ ...setOf(timeMs, []), monotonicMs: row }));
  const recorder = recorderOf(sets);
  assert.deepEqual(recorder.window({ clock: "monotonicMs", fromMs: 1 })[0]?.timesMs, [200, 50, 60]);
  assert.deepEqual(recorder.window({ fromMs: 60 })[0]?.timesMs, [100, 200, 60]);
});
