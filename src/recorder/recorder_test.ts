import assert from "node:assert/strict";
import type { MetricFamily, Sample, SampleSet } from "../metrics/mod.ts";
import type { RecorderDump, SeriesDump } from "./dump.ts";
import { FlightRecorder } from "./recorder.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "Level.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

const KIB = 1024;

function counters(count: number, value: bigint): Sample[] {
  return Array.from({ length: count }, (_, index) => ({ family: READS, labels: { cpu: `${index}` }, value }));
}

function setOf(timeMs: number, samples: readonly Sample[], source = "io"): SampleSet {
  return { source, timeMs, samples };
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
    { source: "io", timesMs: [20, 30], series: [{ ...series, values: [20n, 30n] }] },
  ]);
  assert.deepEqual(recorder.window({ fromMs: 40 }), [
    { source: "io", timesMs: [40], series: [{ ...series, values: [40n] }] },
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

Deno.test("reset() discards what is known of one source only", () => {
  const kept = setOf(1, [], "ktm");
  const recorder = recorderOf([setOf(1, counters(1, 9n)), kept]);
  recorder.reset("io");
  assert.deepEqual(recorder.latest(), [kept]);
  assert.deepEqual(recorder.window().map(({ source }) => source), ["ktm"]);
  recorder.record(setOf(2, counters(1, 0n)));
  assert.deepEqual(recorder.window().find(({ source }) => source === "io")?.timesMs, [2]);
});

Deno.test("dump() writes the period as JSON that names its version", () => {
  const recorder = recorderOf([setOf(1, counters(1, 1n)), setOf(2, counters(1, 2n ** 60n))]);
  assert.deepEqual(JSON.parse(JSON.stringify(recorder.dump({ fromMs: 2 }))), {
    version: 1,
    sources: [{
      source: "io",
      timesMs: [2],
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
    const sorted = ({ version, sources }: RecorderDump) => ({
      version,
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
