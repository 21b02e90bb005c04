/** What holds of every diagnosis, whatever is measured: random windows from fixed seeds. */
import assert from "node:assert/strict";
import { explainWindows } from "../../src/diagnosis/explain.ts";
import type { Explanation } from "../../src/diagnosis/explanation.ts";
import { FIELD_NAMES, type FieldName } from "../../src/diagnosis/readings/fields.ts";
import { type Second, windowOf, type WindowSettings } from "../../src/diagnosis/testing_window.ts";
import { BUCKETS } from "../../src/metrics/bucket.ts";
import { Random } from "../fuzz/random.ts";

const WINDOWS = 100;

type Buckets = Record<number, number>;
type Events = Partial<Record<FieldName, number>>;

/** Signals that speak of pressure on memory and page cache. */
const PRESSURE = [
  "adds",
  "addedPages",
  "misses",
  "deletes",
  "dontneed",
  "advised",
  "scanned",
  "reclaimed",
  "direct",
  "memcg",
] as const satisfies readonly FieldName[];

/** Few calls or many, in buckets next to each other, with a tail that may be far away. */
function randomCalls(random: Random): Buckets {
  const [first, most] = [random.below(16), random.pick([1, 30, 500, 20_000])];
  const calls: Buckets = {};
  for (let bucket = first; bucket < first + 4; bucket++) calls[bucket] = random.below(most + 1);
  if (random.below(2) === 0) calls[random.below(BUCKETS)] = random.below(1 + Math.ceil(most / 20));
  return calls;
}

function randomEvents(random: Random, names: readonly FieldName[] = FIELD_NAMES): Events {
  const some = names.filter(() => random.below(2) === 0);
  return Object.fromEntries(some.map((name) => [name, random.below(random.pick([2, 50, 5000, 1_000_000]))]));
}

/** A second that goes on for a while, with a little more or less of everything. */
function wobble(random: Random, second: Second): Second {
  const around = (count: number) => Math.max(0, count + random.below(1 + Math.ceil(count / 10)));
  const all = (counts: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, around(count)]));
  return { pread: all(second.pread ?? {}), read: all(second.read ?? {}), events: all(second.events ?? {}) };
}

interface Scene {
  readonly seconds: readonly Second[];
  readonly onset: number;
}

/** Some time of one thing and some time of another, or of the same. */
function randomScene(random: Random): Scene {
  const second = () => ({
    pread: randomCalls(random),
    read: random.below(3) === 0 ? randomCalls(random) : {},
    events: randomEvents(random),
  });
  const [before, after] = [second(), second()];
  const mostly = random.below(3) === 0 ? before : after;
  const [onset, rest] = [10 + random.below(30), 10 + random.below(30)];
  const seconds = Array.from(
    { length: onset + rest },
    (_, at) => wobble(random, at < onset ? before : mostly),
  );
  return { seconds, onset };
}

function explain({ seconds }: Pick<Scene, "seconds">, settings?: WindowSettings): Explanation {
  return explainWindows([windowOf(seconds, settings)]);
}

/** Runs a property on windows from as many seeds. */
function forAll(seed: number, property: (random: Random, name: string) => void): void {
  for (let index = 0; index < WINDOWS; index++) property(new Random(seed, index), `seed ${seed}, ${index}`);
}

/** How grave a verdict is; that there is too little to tell is no verdict. */
function gravity({ workload, incident }: Explanation): number {
  return incident ? 3 : ["no change", "W1", "W2"].indexOf(workload);
}

Deno.test("no rise in latency is never an incident, whatever else moves", () => {
  let pressed = 0;
  forAll(1, (random, name) => {
    const scene = randomScene(random);
    const [usual] = scene.seconds;
    const seconds = scene.seconds.map(({ events }) => {
      // As fast as usual, or faster: calls move to lower buckets only.
      const moved: Buckets = {};
      for (const [bucket, calls] of Object.entries(usual!.pread ?? {})) {
        const faster = random.below(4) === 0 ? random.below(1 + Number(bucket)) : Number(bucket);
        moved[faster] = (moved[faster] ?? 0) + calls;
      }
      return { pread: moved, read: usual!.read ?? {}, events: { ...events, ...randomEvents(random) } };
    });
    const slowest = seconds.map((second, at) => at < scene.onset ? usual! : second);
    const { incident, since, decision, workload } = explain({ seconds: slowest });
    assert.deepEqual([incident, since], [false, null], name);
    assert.notEqual(decision.action, "trigger-fodc", name);
    if (workload === "W1" || workload === "W2") pressed++;
  });
  assert.ok(pressed > WINDOWS / 10, `only ${pressed} windows were under pressure`);
});

Deno.test("scaling all counters changes no verdict that rests on enough calls", () => {
  const seen = new Set<string>();
  forAll(2, (random, name) => {
    const scene = randomScene(random);
    // Enough calls for every rise to be certain: of few, chance has a say.
    const enough = 1000;
    const { workload, incident, since } = explain(scene, { scale: enough });
    if (workload === "not enough data") return;
    seen.add(workload);
    const scaled = explain(scene, { scale: enough * random.pick([2, 10, 1000]) });
    assert.deepEqual([scaled.workload, scaled.incident, scaled.since], [workload, incident, since], name);
  });
  assert.ok(seen.size >= 4, `only ${[...seen].join()}`);
});

Deno.test("shifting time changes nothing but the times", () => {
  forAll(3, (random, name) => {
    const scene = randomScene(random);
    const withoutTimes = ({ since, until, summary: _summary, compared, ...rest }: Explanation) => ({
      ...rest,
      had: [since === null, until === null],
      seconds: compared && [compared.baseline.seconds, compared.recent.seconds],
      calls: compared && [compared.baseline.calls, compared.recent.calls],
    });
    const moved = explain(scene, { startMs: random.below(2 ** 31) * 1000 });
    assert.deepEqual(withoutTimes(moved), withoutTimes(explain(scene)), name);
  });
});

Deno.test("more pressure never lowers a verdict", () => {
  const before = new Map<number, number>();
  forAll(4, (random, name) => {
    const { seconds, onset } = randomScene(random);
    const [factor, more] = [1 + random.below(5), randomEvents(random, PRESSURE)];
    const pressed = seconds.map((second, at) => {
      if (at < onset) return second;
      const events: Events = { ...second.events };
      for (const signal of PRESSURE) events[signal] = (events[signal] ?? 0) * factor + (more[signal] ?? 0);
      return { ...second, events };
    });
    const [was, is] = [gravity(explain({ seconds })), gravity(explain({ seconds: pressed }))];
    assert.ok(is >= was, `${name}: ${was} became ${is}`);
    before.set(was, (before.get(was) ?? 0) + 1);
  });
  assert.ok([0, 2, 3].every((grave) => before.has(grave)), [...before.keys()].join());
});

Deno.test("slower reads never end an incident", () => {
  let incidents = 0;
  forAll(5, (random, name) => {
    const { seconds, onset } = randomScene(random);
    if (!explain({ seconds }).incident) return;
    incidents++;
    const slower = seconds.map((second, at) => {
      if (at < onset) return second;
      const moved: Buckets = {};
      for (const [bucket, calls] of Object.entries(second.pread ?? {})) {
        moved[Math.min(BUCKETS - 1, Number(bucket) + 3)] = calls;
      }
      return { ...second, pread: moved };
    });
    assert.ok(explain({ seconds: slower }).incident, name);
  });
  assert.ok(incidents > WINDOWS / 10, `only ${incidents} incidents`);
});
