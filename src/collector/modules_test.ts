/** The tables of every module held against its object. */
import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../elf/mod.ts";
import { BUCKET_BOUNDS, isHistogram, type Sample } from "../metrics/mod.ts";
import { type ProbeSet, type ProbeStatus, samplerOf, whenPreemptible } from "../programs/mod.ts";
import { TARGET_PROBES } from "../target/mod.ts";
import { MODULES } from "./modules.ts";

/** Everything that is made of programs. */
const SETS: readonly ProbeSet[] = [TARGET_PROBES, ...MODULES.flatMap(({ programs }) => programs ?? [])];

/** Programs that no probe names: those that the agent runs itself. */
const RUN_BY_THE_AGENT = new Set(["agent_tgid"]);

/** Every probe served by its first strategy, or one of them not at all. */
function served({ probes }: ProbeSet, absent?: string): ProbeStatus[] {
  return probes.map(({ probe, strategies }) => ({
    probe,
    serving: probe === absent ? undefined : strategies[0],
    failures: [],
  }));
}

/** An object's counters, and totals that hold in each the number of its slot. */
class Slots {
  readonly layout;
  readonly totals: BigUint64Array;

  constructor({ object }: ProbeSet) {
    this.layout = flatLayout(parseObject(object).btf, "counters");
    this.totals = BigUint64Array.from({ length: this.layout.size }, (_, slot) => BigInt(slot));
  }

  of(path: string): bigint {
    const field = this.layout.get(path);
    assert.ok(field, `the object has no counter ${path}`);
    return BigInt(field[0] / 8);
  }
}

function seriesOf({ family, labels }: Sample): string {
  return `${family.name}${JSON.stringify(labels)}`;
}

Deno.test("every module's tables fit its object", async (t) => {
  for (const set of SETS) await t.step(set.name, () => checkTables(set));
});

function checkTables(set: ProbeSet): void {
  const slots = new Slots(set);
  const fields = [...slots.layout.values()];
  assert.deepEqual(fields, fields.map((_, index) => [index * 8, 8]), "64-bit integers without gaps");
  const probes = new Set(set.probes.map(({ probe }) => probe));
  assert.equal(probes.size, set.probes.length);
  for (const { counter, bound = counter, and = [], probe } of set.counters) {
    for (const path of [counter, bound, ...and]) slots.of(path);
    assert.ok(probes.has(probe), probe);
  }
  for (const { counter, and = [], probe } of set.latencies) {
    for (const path of [counter, ...and]) {
      slots.of(`${path}.sum_ns`);
      slots.of(`${path}.buckets[${BUCKET_BOUNDS.length}]`);
      assert.ok(!slots.layout.has(`${path}.buckets[${BUCKET_BOUNDS.length + 1}]`), path);
    }
    assert.ok(probes.has(probe), probe);
  }
}

Deno.test("every module's probes name programs that its object has, and none is forgotten", () => {
  for (const { name, object, probes } of SETS) {
    const programs = parseObject(object).programs.map((program) => program.name);
    const named = probes.flatMap(({ strategies }) => strategies.flatMap(({ programs }) => programs));
    assert.deepEqual(new Set(named), new Set(programs).difference(RUN_BY_THE_AGENT), name);
  }
});

Deno.test("no module has a probe, or a metric, that another has", () => {
  const probes = SETS.flatMap(({ probes }) => probes.map(({ probe }) => probe));
  assert.equal(new Set(probes).size, probes.length);
  const families = MODULES.flatMap(({ families }) => families.map(({ name }) => name));
  assert.equal(new Set(families).size, families.length);
});

Deno.test("samplerOf() takes every value of every module from its own counter", () => {
  for (const set of SETS) {
    const slots = new Slots(set);
    const samples = samplerOf(slots.layout, set, served(set))(slots.totals);
    const sumOf = (paths: readonly string[]) => paths.reduce((sum, path) => sum + slots.of(path), 0n);
    for (const { family, labels, counter, and = [] } of set.counters) {
      const sample = samples.find((sample) => sample.family === family && sample.labels === labels);
      assert.ok(sample !== undefined && !isHistogram(sample), family.name);
      assert.equal(sample.value, sumOf([counter, ...and]), family.name);
    }
    for (const { family, labels, counter, and = [] } of set.latencies) {
      const sumAt = (path: string) => sumOf([counter, ...and].map((latency) => `${latency}.${path}`));
      const sample = samples.find((sample) => sample.family === family && sample.labels === labels);
      assert.ok(sample !== undefined && isHistogram(sample), family.name);
      assert.equal(sample.sum, sumAt("sum_ns"), family.name);
      assert.deepEqual(sample.buckets, sample.buckets.map((_, index) => sumAt(`buckets[${index}]`)));
      assert.equal(sample.buckets.length, sample.bounds.length + 1);
    }
  }
});

Deno.test("samplerOf() gives no series twice, and one family of each name", () => {
  const samples = SETS.flatMap((set) => {
    const slots = new Slots(set);
    return samplerOf(slots.layout, set, served(set))(slots.totals);
  });
  const series = samples.map(seriesOf);
  assert.equal(new Set(series).size, series.length);
  const families = new Set(samples.map(({ family }) => family));
  assert.equal(new Set([...families].map(({ name }) => name)).size, families.size);
});

Deno.test("samplerOf() leaves out the metrics of a probe that is not attached, and no others", () => {
  for (const set of SETS) {
    const { layout, totals } = new Slots(set);
    for (const { probe: absent } of set.probes) {
      const samples = samplerOf(layout, set, served(set, absent))(totals);
      const expected = [...set.counters, ...set.latencies].filter(({ probe }) => probe !== absent);
      assert.deepEqual(
        new Set(samples.map(({ family }) => family)),
        new Set(expected.map(({ family }) => family)),
        absent,
      );
    }
    assert.deepEqual(samplerOf(layout, set, [])(totals), []);
  }
});

Deno.test("samplerOf() takes the bound where what serves is derived", () => {
  const set = SETS.find(({ name }) => name === "iomonitor")!;
  const slots = new Slots(set);
  const probes = set.probes.map(({ probe, strategies }) => ({
    probe,
    serving: strategies.at(-1),
    failures: [],
  }));
  const misses = samplerOf(slots.layout, set, probes)(slots.totals)
    .find(({ family }) => family.name === "ktm_cache_misses_total");
  assert.ok(misses !== undefined && !isHistogram(misses));
  assert.equal(misses.value, slots.of("cache_miss_bound"));
});

Deno.test("samplerOf() refuses an object that lacks a counter", () => {
  const set = SETS.find(({ name }) => name === "iomonitor")!;
  const { layout } = new Slots(set);
  const without = new Map([...layout].filter(([name]) => name !== "fadvise_calls"));
  assert.throws(
    () => samplerOf(without, set, served(set)),
    /^RangeError: Cannot read counter fadvise_calls: the object has none$/,
  );
});

Deno.test("whenPreemptible() has fentry for a bound only, after every way that is exact", () => {
  for (const { probe, strategies } of whenPreemptible(SETS.flatMap(({ probes }) => probes))) {
    const exact = strategies.map(({ exact }) => exact);
    assert.deepEqual(exact, exact.toSorted((a, b) => Number(b) - Number(a)), probe);
    assert.ok(strategies.every(({ strategy, exact }) => strategy !== "fentry" || !exact), probe);
  }
});
