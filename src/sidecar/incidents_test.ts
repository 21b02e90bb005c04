import assert from "node:assert/strict";
import { DEFAULT_THRESHOLDS } from "../diagnosis/mod.ts";
import type { MetricFamily, SampleSet } from "../metrics/mod.ts";
import { FlightRecorder, readDump } from "../recorder/mod.ts";
import { Incidents } from "./incidents.ts";
import type { Logger } from "./log.ts";

const LATENCY: MetricFamily = {
  name: "ktm_sys_pread_latency_seconds",
  type: "histogram",
  help: "",
  unit: "ns",
};
const BOUNDS = Array.from({ length: 27 }, (_, index) => 1000n << BigInt(index));
const START_MS = 1_700_000_000_000;

/** An agent of which only the latency of pread is known, and what it has said. */
class Agent {
  readonly recorder = new FlightRecorder({ memoryLimit: 2 ** 24 });
  readonly said: [message: string, properties: Record<string, unknown>][] = [];
  readonly incidents: Incidents;
  readonly #buckets = new Array<bigint>(28).fill(0n);
  #timeMs = START_MS;
  readonly #intervalMs: number;
  readonly #extra: SampleSet["samples"];

  constructor(intervalMs: number, extra: SampleSet["samples"] = []) {
    this.#intervalMs = intervalMs;
    this.#extra = extra;
    const say = (message: string, properties = {}) => void this.said.push([message, properties]);
    const log: Logger = { debug: say, info: say, warn: say, error: say };
    this.incidents = new Incidents({
      recorder: this.recorder,
      log,
      thresholds: () => DEFAULT_THRESHOLDS,
      intervalMs: () => this.#intervalMs,
    });
  }

  /** Collects for some time, with so many calls of 4 us and of 8 ms between two collections. */
  collect(seconds: number, fast: number, slow: number): void {
    for (const endMs = this.#timeMs + seconds * 1000; this.#timeMs < endMs;) {
      this.#timeMs += this.#intervalMs;
      this.#buckets[2]! += BigInt(fast);
      this.#buckets[13]! += BigInt(slow);
      const set = {
        source: "iomonitor",
        timeMs: this.#timeMs,
        samples: [
          { family: LATENCY, labels: {}, bounds: BOUNDS, buckets: [...this.#buckets], sum: 0n },
          ...this.#extra,
        ],
      };
      this.recorder.record(set);
      this.incidents.record(set);
    }
  }

  /** An incident from the beginning to the end. */
  suffer(): void {
    this.collect(600, 1000, 0);
    this.collect(120, 900, 100);
    this.collect(120, 1000, 0);
  }
}

Deno.test("Incidents says in one line each that an incident begins and ends", () => {
  const agent = new Agent(10_000);
  agent.suffer();
  assert.deepEqual(agent.said.map(([message]) => message), [
    "An incident has begun",
    "The incident has ended",
  ]);
  const [[, begun]] = agent.said as [[string, Record<string, unknown>]];
  assert.equal(begun["number"], 1);
  assert.equal(
    begun["summary"],
    `Reads have become slower since ${new Date(START_MS + 600_000).toISOString()}: ` +
      "p95 of pread went from 4 \u00b5s to 8.19 ms",
  );
});

Deno.test("Incidents keeps the window around an incident, which can be read back and explained", () => {
  const agent = new Agent(10_000);
  agent.collect(600, 1000, 0);
  agent.collect(60, 900, 100);
  const [open] = agent.incidents.list();
  assert.deepEqual([open?.number, open?.until, open?.window], [1, null, "/incidents/1"]);
  const read = () => readDump(new TextDecoder().decode(agent.incidents.window(1)))[0]!.timesMs;
  assert.ok(read()[0]! < START_MS + 600_000, "begins before the incident");
  assert.ok(read().at(-1)! > START_MS + 600_000, "reaches into it");
  const soFar = read().length;
  agent.collect(60, 900, 100);
  agent.collect(120, 1000, 0);
  assert.ok(read().length > soFar, "has its end as well");
  const [closed] = agent.incidents.list();
  assert.deepEqual([closed?.ended, closed?.explanation.incident], ["reads are as fast as before it", true]);
  assert.ok(Date.parse(closed!.until!) > Date.parse(closed!.since));
});

Deno.test("Incidents keeps the newest incidents and no more bytes than four million", () => {
  // Windows of a megabyte and more: 600 rows of as many series as it takes.
  const family: MetricFamily = { name: "filler", type: "counter", help: "", unit: "1" };
  const extra = Array.from({ length: 200 }, (_, index) => ({
    family,
    labels: { index: String(index) },
    value: 2n ** 60n,
  }));
  const agent = new Agent(1000, extra);
  for (let count = 0; count < 10; count++) agent.suffer();
  const kept = agent.incidents.list();
  assert.deepEqual(kept.map(({ number }) => number), [3, 4, 5, 6, 7, 8, 9, 10]);
  const windows = kept.map(({ number }) => agent.incidents.window(number)?.length ?? 0);
  assert.ok(windows.reduce((sum, length) => sum + length, 0) <= 4 * 2 ** 20, windows.join());
  assert.ok(windows.at(-1)! > 2 ** 20, "the newest is kept");
  assert.equal(windows[0], 0, "the oldest has made room");
  assert.equal(kept[0]?.window, null);
  assert.equal(agent.incidents.window(99), undefined);
});

Deno.test("Incidents ignores what does not tell of read calls", () => {
  const agent = new Agent(10_000);
  agent.incidents.record({ source: "ktm", timeMs: START_MS, samples: [] });
  agent.suffer();
  assert.equal(agent.incidents.list().length, 1);
});
