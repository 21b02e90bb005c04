import assert from "node:assert/strict";
import type { MetricFamily, Sample, SampleSet } from "../metrics/mod.ts";
import type { Clock } from "../runtime/clock.ts";
import { Collector } from "./collector.ts";
import type { Module } from "./module.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const READ: Sample = { family: READS, labels: {}, value: 7n };

/** A clock that stands still but for waits and `pass`, and aborts when `endMs` would be passed. */
class FakeClock implements Clock {
  readonly #controller = new AbortController();
  readonly #endMs: number;
  #elapsedMs = 0;

  constructor(endMs = Infinity) {
    this.#endMs = endMs;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  now(): number {
    return 1_000_000 + this.#elapsedMs;
  }

  monotonic(): number {
    return 500 + this.#elapsedMs;
  }

  pass(ms: number): void {
    this.#elapsedMs += ms;
  }

  wait(untilMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    assert.ok(untilMs >= this.monotonic(), "waits for the past");
    this.#elapsedMs = untilMs - 500;
    if (this.#elapsedMs >= this.#endMs) this.#controller.abort();
    return Promise.resolve();
  }
}

function moduleOf(name: string, methods: Partial<Module> = {}): Module {
  return {
    name,
    start() {},
    collect: () => [READ],
    stop() {},
    health: () => ({ state: "full", reason: "" }),
    check: () => [],
    ...methods,
  };
}

function collectorOf(modules: readonly Module[], clock = new FakeClock(), intervalMs = 100) {
  const sets: SampleSet[] = [];
  const errors: [string, unknown][] = [];
  const collector = new Collector({
    modules,
    sink: { record: (set) => void sets.push(set) },
    intervalMs,
    clock,
    onError: (module, error) => void errors.push([module, error]),
  });
  return { collector, sets, errors, clock };
}

/** Runs a module whose collections take the given times, and returns when each began. */
async function collectionTimes(durationsMs: readonly number[], endMs: number): Promise<number[]> {
  const clock = new FakeClock(endMs);
  const times: number[] = [];
  const collect = () => {
    times.push(clock.monotonic() - 500);
    clock.pass(durationsMs[times.length - 1] ?? 0);
    return [];
  };
  await collectorOf([moduleOf("a", { collect })], clock).collector.run(clock.signal);
  return times;
}

function valueOf(set: SampleSet | undefined, name: string): bigint {
  const sample = set?.samples.find((sample) => sample.family.name === name);
  assert.ok(sample && "value" in sample, `${name} is missing`);
  return sample.value;
}

Deno.test("collectNow() pushes one set for each module and then the collector's own", async () => {
  const { collector, sets, clock } = collectorOf([
    moduleOf("a", { collect: () => (clock.pass(2.5), [READ]) }),
    moduleOf("b", { collect: () => Promise.resolve([]) }),
  ]);
  const returned = await collector.collectNow();
  assert.deepEqual(sets.map((set) => set.source), ["a", "b", "ktm"]);
  assert.deepEqual(sets[0], { source: "a", timeMs: 1_000_000, monotonicMs: 500, samples: [READ] });
  assert.deepEqual(returned, sets);
  assert.equal(valueOf(sets[2], "ktm_collections_total"), 1n);
  assert.equal(valueOf(sets[2], "ktm_collection_errors_total"), 0n);
  assert.equal(valueOf(sets[2], "ktm_collection_duration_seconds"), 2_500_000n);
});

Deno.test("run() collects at once and then every interval", async () => {
  assert.deepEqual(await collectionTimes([], 400), [0, 100, 200, 300]);
});

Deno.test("run() does not let the time that cycles take move the schedule", async () => {
  assert.deepEqual(await collectionTimes([30, 99, 1, 50], 400), [0, 100, 200, 300]);
});

Deno.test("run() skips the ticks that a slow cycle missed and keeps to the schedule", async () => {
  assert.deepEqual(await collectionTimes([250, 0, 130], 700), [0, 300, 400, 600]);
});

Deno.test("run() does not lose the tick at which a slow cycle ends", async () => {
  assert.deepEqual(await collectionTimes([200], 400), [0, 200, 300]);
});

/** A module that notes each call. */
function loggedTo(calls: string[], name: string): Module {
  return moduleOf(name, {
    start: () => void calls.push(`start ${name}`),
    collect: () => (calls.push(`collect ${name}`), []),
    stop: () => void calls.push(`stop ${name}`),
  });
}

Deno.test("run() starts modules in order and stops them in reverse", async () => {
  const calls: string[] = [];
  const clock = new FakeClock(100);
  await collectorOf([loggedTo(calls, "a"), loggedTo(calls, "b")], clock).collector.run(clock.signal);
  assert.deepEqual(calls, ["start a", "start b", "collect a", "collect b", "stop b", "stop a"]);
});

Deno.test("run() finishes the cycle in which the signal is aborted and stops the modules", async () => {
  const controller = new AbortController();
  let stopped = false;
  const { collector, sets } = collectorOf([
    moduleOf("a", { collect: () => (controller.abort(), [READ]), stop: () => void (stopped = true) }),
  ]);
  await collector.run(controller.signal);
  assert.deepEqual(sets.map((set) => set.source), ["a", "ktm"]);
  assert.ok(stopped);
});

Deno.test("A failure in start, collect or stop is reported and does not keep another module from work", async () => {
  const [onStart, onCollect, onStop] = [new Error("start"), new Error("collect"), new Error("stop")];
  const calls: string[] = [];
  const { collector, sets, errors } = collectorOf([
    moduleOf("bad", {
      start: () => Promise.reject(onStart),
      collect: () => {
        throw onCollect;
      },
      stop: () => Promise.reject(onStop),
    }),
    moduleOf("good", { start: () => void calls.push("start"), stop: () => void calls.push("stop") }),
  ]);
  await collector.start();
  await collector.collectNow();
  await collector.stop();
  assert.deepEqual(errors, [["bad", onStart], ["bad", onCollect], ["bad", onStop]]);
  assert.deepEqual(calls, ["start", "stop"]);
  assert.deepEqual(sets[1]?.samples, [READ]);
  assert.equal(valueOf(sets[2], "ktm_collection_errors_total"), 2n);
});

Deno.test("A module that fails leaves an empty set so that its older values do not pass for new ones", async () => {
  let healthy = true;
  const collect = () => {
    if (!healthy) throw new Error("gone");
    return [READ];
  };
  const { collector, sets } = collectorOf([moduleOf("a", { collect })]);
  await collector.collectNow();
  healthy = false;
  await collector.collectNow();
  assert.deepEqual(sets.filter((set) => set.source === "a").map((set) => set.samples), [[READ], []]);
});

Deno.test("A module whose start failed is collected from, so that it can try again", async () => {
  let started = false;
  const start = () => {
    throw new Error("not yet");
  };
  const { collector, sets } = collectorOf([
    moduleOf("a", { start, collect: () => (started = true, [READ]) }),
  ]);
  await collector.start();
  await collector.collectNow();
  assert.ok(started);
  assert.deepEqual(sets[0]?.samples, [READ]);
});

Deno.test("A sink that fails is reported and counted, and the other sets still come", async () => {
  const taken: SampleSet[] = [];
  const errors: string[] = [];
  const collector = new Collector({
    modules: [moduleOf("a"), moduleOf("b")],
    sink: {
      record(set) {
        if (set.source === "a") throw new Error("full");
        taken.push(set);
      },
    },
    intervalMs: 1,
    clock: new FakeClock(),
    onError: (module) => void errors.push(module),
  });
  await collector.collectNow();
  assert.deepEqual(taken.map((set) => set.source), ["b", "ktm"]);
  assert.deepEqual(errors, ["a"]);
  assert.equal(valueOf(taken[1], "ktm_collection_errors_total"), 1n);
});

Deno.test("collectNow() joins a cycle that is under way instead of overlapping it", async () => {
  const gate = Promise.withResolvers<readonly Sample[]>();
  let running = 0;
  const collect = async () => {
    assert.equal(++running, 1);
    const samples = await gate.promise;
    running--;
    return samples;
  };
  const { collector, sets } = collectorOf([moduleOf("a", { collect })]);
  const cycles = [collector.collectNow(), collector.collectNow()];
  gate.resolve([READ]);
  await Promise.all(cycles);
  assert.deepEqual(sets.map((set) => set.source), ["a", "ktm"]);
});

Deno.test("stop() waits for the cycle that is under way", async () => {
  const gate = Promise.withResolvers<readonly Sample[]>();
  const calls: string[] = [];
  const { collector } = collectorOf([
    moduleOf("a", {
      collect: () => gate.promise.then((samples) => (calls.push("collected"), samples)),
      stop: () => void calls.push("stopped"),
    }),
  ]);
  const cycle = collector.collectNow();
  const stopping = collector.stop();
  gate.resolve([]);
  await Promise.all([cycle, stopping]);
  assert.deepEqual(calls, ["collected", "stopped"]);
});

Deno.test("Collector rejects two modules of one name and the name that is its own", () => {
  assert.throws(() => collectorOf([moduleOf("a"), moduleOf("a")]), {
    message: 'Cannot collect from "a": the name is taken',
  });
  assert.throws(() => collectorOf([moduleOf("ktm")]), {
    message: 'Cannot collect from "ktm": the name is taken',
  });
});

Deno.test("Collector rejects an interval that is not a positive number", () => {
  for (const intervalMs of [0, -1, NaN, Infinity]) {
    assert.throws(() => collectorOf([], new FakeClock(), intervalMs), RangeError);
  }
});

Deno.test("changeInterval() collects at once and makes the schedule anew", async () => {
  const clock = new FakeClock(1000);
  const times: number[] = [];
  const collect = () => {
    times.push(clock.monotonic() - 500);
    if (times.length === 2) {
      clock.pass(30);
      collector.changeInterval(400);
    }
    return [];
  };
  const { collector } = collectorOf([moduleOf("a", { collect })], clock);
  await collector.run(clock.signal);
  assert.deepEqual(times, [0, 100, 130, 530, 930]);
});

Deno.test("changeInterval() refuses an interval that is not positive", () => {
  const { collector } = collectorOf([]);
  for (const wrong of [0, -1, NaN, Infinity]) {
    assert.throws(() => collector.changeInterval(wrong), RangeError);
  }
});

Deno.test("replaceModules() stops what goes, starts what comes, and leaves alone what stays", async () => {
  const calls: string[] = [];
  const [a, b, c] = [loggedTo(calls, "a"), loggedTo(calls, "b"), loggedTo(calls, "c")];
  const { collector } = collectorOf([a, b]);
  await collector.start();
  await collector.replaceModules([c, b]);
  await collector.collectNow();
  await collector.stop();
  assert.deepEqual(
    calls,
    ["start a", "start b", "stop a", "start c", "collect c", "collect b", "stop b", "stop c"],
  );
});

Deno.test("replaceModules() waits for the cycle that is under way before it stops a module", async () => {
  const { promise: collected, resolve } = Promise.withResolvers<Sample[]>();
  const calls: string[] = [];
  const old = moduleOf("a", { collect: () => collected, stop: () => void calls.push("stop") });
  const { collector, sets } = collectorOf([old]);
  const cycle = collector.collectNow();
  const replaced = collector.replaceModules([moduleOf("a")]);
  assert.deepEqual(calls, []);
  resolve([READ]);
  await Promise.all([cycle, replaced]);
  assert.deepEqual(calls, ["stop"]);
  assert.deepEqual(sets[0]?.samples, [READ]);
});

Deno.test("replaceModules() refuses two modules of one name and changes nothing", async () => {
  const { collector, sets } = collectorOf([moduleOf("a")]);
  await assert.rejects(collector.replaceModules([moduleOf("b"), moduleOf("b")]), RangeError);
  await collector.collectNow();
  assert.deepEqual(sets.map(({ source }) => source), ["a", "ktm"]);
});
