import assert from "node:assert/strict";
import { DEFAULT_THRESHOLDS } from "../diagnosis/mod.ts";
import type { LifeEnd, MetricFamily, Moment, SampleSet } from "../metrics/mod.ts";
import { FlightRecorder, readDump } from "../recorder/mod.ts";
import { Incidents } from "./incidents.ts";
import type { Logger } from "./log/log.ts";

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
        monotonicMs: this.#timeMs - START_MS,
        samples: [
          { family: LATENCY, labels: {}, bounds: BOUNDS, buckets: [...this.#buckets], sum: 0n },
          ...this.#extra,
        ],
      };
      this.recorder.record(set);
      this.incidents.record(set);
    }
  }

  /** The target is found, with counters from zero. */
  begin(): void {
    this.#buckets.fill(0n);
    this.recorder.beginLife({ comm: "banyand", pid: 7 }, this.#now(), ["iomonitor"]);
  }

  /** The target ends now. */
  end(end: Pick<LifeEnd, "how" | "status" | "signal">): void {
    const life = { ...this.#now(), ...end };
    this.recorder.endLife(life, ["iomonitor"]);
    this.incidents.targetEnded(life);
  }

  #now(): Moment {
    return { timeMs: this.#timeMs, monotonicMs: this.#timeMs - START_MS };
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
  const read = () => readDump(new TextDecoder().decode(agent.incidents.window(1))).windows[0]!.timesMs;
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
  agent.incidents.record({ source: "ktm", timeMs: START_MS, monotonicMs: 0, samples: [] });
  agent.suffer();
  assert.equal(agent.incidents.list().length, 1);
});

Deno.test("Incidents keeps the window before a crash, though no incident of latency had begun", () => {
  const agent = new Agent(10_000);
  agent.begin();
  agent.collect(600, 1000, 0);
  agent.end({ how: "oom", signal: 9 });
  const [crash, ...others] = agent.incidents.list();
  assert.deepEqual(others, []);
  assert.deepEqual([crash?.kind, crash?.repeats, crash?.window], ["end", 0, "/incidents/1"]);
  assert.equal(crash?.since, new Date(START_MS + 600_000).toISOString());
  assert.match(crash!.ended!, /^banyand \(process 7\) killed by the OOM killer \(SIGKILL\) at /);
  assert.deepEqual(crash?.explanation.ends.map(({ how, collections }) => [how, collections]), [["oom", 60]]);
  const kept = readDump(new TextDecoder().decode(agent.incidents.window(1)));
  assert.equal(kept.windows.find(({ life }) => life === 1)?.timesMs.length, 60);
  assert.equal(kept.lives[0]?.end?.how, "oom");
});

Deno.test("Incidents keeps the last row of a life, which is read after the kernel saw the end", () => {
  const agent = new Agent(500);
  agent.begin();
  agent.collect(60, 1000, 0);
  const end = { timeMs: START_MS + 59_700, monotonicMs: 59_700, how: "signal", signal: 11 } as const;
  agent.recorder.endLife(end, ["iomonitor"]);
  agent.incidents.targetEnded(end);
  agent.begin();
  agent.collect(10, 1000, 0);
  const later = new Incidents({
    recorder: agent.recorder,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    thresholds: () => DEFAULT_THRESHOLDS,
    intervalMs: () => 500,
  });
  for (const incidents of [agent.incidents, later]) {
    const { windows } = readDump(new TextDecoder().decode(incidents.window(1)));
    // Nothing of the life after it.
    assert.equal(windows.flatMap(({ monotonicMs }) => monotonicMs).at(-1), 60_000);
    assert.equal(incidents.list()[0]?.explanation.ends[0]?.collections, 120);
  }
});

Deno.test("Incidents keeps the first crash of a loop, and counts the others", () => {
  const agent = new Agent(10_000);
  agent.begin();
  agent.collect(600, 1000, 0);
  for (let crash = 0; crash < 20; crash++) {
    agent.end({ how: "signal", signal: 11 });
    agent.begin();
    agent.collect(60, 1000, 0);
  }
  const [first, ...others] = agent.incidents.list();
  assert.deepEqual([first?.kind, first?.repeats, others.length], ["end", 19, 0]);
  assert.equal(first?.since, new Date(START_MS + 600_000).toISOString());
  assert.equal(first?.until, new Date(START_MS + 600_000 + 19 * 60_000).toISOString());
  agent.collect(1200, 1000, 0);
  agent.end({ how: "exit", status: 2 });
  assert.deepEqual(agent.incidents.list().map(({ kind, repeats }) => [kind, repeats]), [["end", 19], [
    "end",
    0,
  ]]);
});

Deno.test("Incidents keeps crashes of different kinds apart", () => {
  const agent = new Agent(10_000);
  const ends = [{ how: "signal", signal: 9 }, { how: "oom", signal: 9 }, { how: "exit", status: 1 }, {
    how: "signal",
    signal: 9,
  }] as const;
  for (const end of ends) {
    agent.begin();
    agent.collect(60, 1000, 0);
    agent.end(end);
  }
  assert.deepEqual(
    agent.incidents.list().map(({ explanation: { ends }, repeats }) => [ends.at(-1)?.how, repeats]),
    [
      ["signal", 1],
      ["oom", 0],
      ["exit", 0],
    ],
  );
});

Deno.test("Incidents knows of the newest crash that an earlier agent recorded", () => {
  const before = new Agent(10_000);
  before.begin();
  before.collect(600, 1000, 0);
  before.end({ how: "signal", signal: 11 });
  const { recorder } = before;
  const log: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const incidents = new Incidents({
    recorder,
    log,
    thresholds: () => DEFAULT_THRESHOLDS,
    intervalMs: () => 10_000,
  });
  assert.deepEqual(incidents.list().map(({ kind, window }) => [kind, window]), [["end", "/incidents/1"]]);
  assert.deepEqual(incidents.explain().ends.map(({ signal }) => signal), ["SIGSEGV"]);
});

Deno.test("Incidents says of what it explains whether the target is back", () => {
  const agent = new Agent(10_000);
  agent.begin();
  agent.collect(60, 1000, 0);
  agent.end({ how: "signal", signal: 9 });
  assert.equal(agent.incidents.explain().about, "before the end");
  agent.begin();
  assert.equal(agent.incidents.explain().about, "now");
});

Deno.test("Incidents keeps nothing of a target that was stopped in order", () => {
  const agent = new Agent(10_000);
  for (
    const end of [{ how: "exit", status: 0 }, { how: "signal", signal: 15 }, { how: "unwatched" }] as const
  ) {
    agent.begin();
    agent.collect(60, 1000, 0);
    agent.end(end);
  }
  assert.deepEqual(agent.incidents.list(), []);
  assert.deepEqual(agent.incidents.explain().ends.map(({ how }) => how), ["exit", "signal"]);
});

Deno.test("Incidents tells of an end for a quarter of an hour", () => {
  const agent = new Agent(10_000);
  agent.begin();
  agent.collect(60, 1000, 0);
  agent.end({ how: "signal", signal: 9 });
  agent.begin();
  agent.collect(890, 1000, 0);
  assert.equal(agent.incidents.explain().ends.length, 1);
  agent.collect(10, 1000, 0);
  assert.equal(agent.incidents.explain().ends.length, 0);
});

Deno.test("Incidents goes on with an incident of latency when the target crashes in it", () => {
  const agent = new Agent(10_000);
  agent.begin();
  agent.collect(600, 1000, 0);
  agent.collect(120, 900, 100);
  agent.end({ how: "signal", signal: 9 });
  agent.recorder.beginLife({ comm: "banyand", pid: 7 }, { timeMs: 0, monotonicMs: 720_000 }, ["iomonitor"]);
  agent.collect(240, 1000, 0);
  assert.deepEqual(
    agent.incidents.list().map(({ kind, until }) => [kind, until !== null]),
    [["latency", true], ["end", true]],
  );
});
