import assert from "node:assert/strict";
import { flatLayout, parseObject } from "../../elf/mod.ts";
import { isHistogram, type Sample } from "../../metrics/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import { samplerOf, sumCpus } from "./counters.ts";
import { COUNTER_METRICS, FALLBACK_EVENTS, LATENCY_BOUNDS, LATENCY_METRICS, LOST_EVENTS } from "./metrics.ts";
import { IOMONITOR_OBJECT } from "./object.ts";
import { PROBES } from "./probes.ts";

const LAYOUT = flatLayout(parseObject(IOMONITOR_OBJECT).btf, "counters");
const ALL_PROBES = new Set(PROBES.map(({ probe }) => probe));

/** Every probe served by its first strategy, or one of them not at all. */
function served(absent?: string): ProbeStatus[] {
  return PROBES.map(({ probe, strategies }) => ({
    probe,
    serving: probe === absent ? undefined : strategies[0],
    failures: [],
  }));
}

/** Counters each of which holds the number of its own slot. */
const TOTALS = BigUint64Array.from({ length: LAYOUT.size }, (_, slot) => BigInt(slot));

function slot(path: string): bigint {
  return BigInt(LAYOUT.get(path)![0] / 8);
}

function seriesOf({ family, labels }: Sample): string {
  return `${family.name}${JSON.stringify(labels)}`;
}

Deno.test("sumCpus() adds up the slots of all CPUs, also beyond 2^53 and around 2^64", () => {
  const cpus = [[1n, 2n ** 53n + 1n, 2n ** 64n - 1n], [10n, 2n ** 53n, 2n], [100n, 0n, 0n]];
  const value = new Uint8Array(BigUint64Array.from(cpus.flat()).buffer);
  assert.deepEqual([...sumCpus(value, 3)], [111n, 2n ** 54n + 1n, 1n]);
});

Deno.test("sumCpus() carries from the lower half of a counter into the upper, and nowhere else", () => {
  const cpus = Array.from({ length: 128 }, (_, cpu) => [2n ** 32n - 1n, BigInt(cpu) << 40n, 2n ** 63n, 5n]);
  const value = new Uint8Array(BigUint64Array.from(cpus.flat()).buffer);
  assert.deepEqual([...sumCpus(value, 128)], [128n * (2n ** 32n - 1n), (127n * 64n) << 40n, 0n, 640n]);
});

Deno.test("sumCpus() takes one CPU as it is, and does not change what it reads", () => {
  const value = new Uint8Array(BigUint64Array.of(7n, 8n).buffer);
  const totals = sumCpus(value, 1);
  totals[0] = 0n;
  assert.deepEqual([...sumCpus(value, 1)], [7n, 8n]);
});

Deno.test("struct counters holds nothing but 64-bit integers without gaps", () => {
  const fields = [...LAYOUT.values()];
  assert.deepEqual(fields, fields.map((_, index) => [index * 8, 8]));
});

Deno.test("every metric is made of a counter that the object has, and fed by a probe that there is", () => {
  for (const { counter, bound, and, probe, family } of COUNTER_METRICS) {
    assert.ok(LAYOUT.has(counter), `${family.name}: ${counter}`);
    assert.ok(bound === undefined || LAYOUT.has(bound), `${family.name}: ${bound}`);
    assert.ok(and === undefined || LAYOUT.has(and), `${family.name}: ${and}`);
    assert.ok(ALL_PROBES.has(probe), `${family.name}: ${probe}`);
  }
  for (const { counter, probe, family } of LATENCY_METRICS) {
    assert.ok(LAYOUT.has(`${counter}.sum_ns`), family.name);
    assert.ok(LAYOUT.has(`${counter}.buckets[${LATENCY_BOUNDS.length}]`), family.name);
    assert.ok(!LAYOUT.has(`${counter}.buckets[${LATENCY_BOUNDS.length + 1}]`), family.name);
    assert.ok(ALL_PROBES.has(probe), family.name);
  }
});

Deno.test("samplerOf() takes every value from its own counter", () => {
  const samples = samplerOf(LAYOUT, served())(TOTALS);
  for (const { family, labels, counter, and } of COUNTER_METRICS) {
    const sample = samples.find((sample) => sample.family === family && sample.labels === labels);
    assert.ok(sample !== undefined && !isHistogram(sample));
    assert.equal(sample.value, slot(counter) + (and === undefined ? 0n : slot(and)), family.name);
  }
  for (const { family, counter } of LATENCY_METRICS) {
    const sample = samples.find((sample) => sample.family === family);
    assert.ok(sample !== undefined && isHistogram(sample));
    assert.equal(sample.sum, slot(`${counter}.sum_ns`));
    assert.deepEqual(sample.buckets, sample.buckets.map((_, index) => slot(`${counter}.buckets[${index}]`)));
    assert.equal(sample.buckets.length, sample.bounds.length + 1);
  }
});

Deno.test("samplerOf() gives no series twice, and one family of each name", () => {
  const samples = samplerOf(LAYOUT, served())(TOTALS);
  const series = samples.map(seriesOf);
  assert.equal(new Set(series).size, series.length);
  const families = new Set(samples.map(({ family }) => family));
  assert.equal(new Set([...families].map(({ name }) => name)).size, families.size);
});

Deno.test("samplerOf() leaves out the metrics of a probe that is not attached, and no others", () => {
  for (const absent of ALL_PROBES) {
    const samples = samplerOf(LAYOUT, served(absent))(TOTALS);
    const expected = [...COUNTER_METRICS, ...LATENCY_METRICS].filter(({ probe }) => probe !== absent);
    const families = new Set([...expected.map(({ family }) => family), FALLBACK_EVENTS, LOST_EVENTS]);
    assert.deepEqual(new Set(samples.map(({ family }) => family)), families, absent);
  }
  assert.deepEqual(samplerOf(LAYOUT, [])(TOTALS).map(({ family }) => family), [FALLBACK_EVENTS, LOST_EVENTS]);
});

Deno.test("samplerOf() takes the bound where what serves is derived", () => {
  const probes = PROBES.map(({ probe, strategies }) => ({ probe, serving: strategies.at(-1), failures: [] }));
  const misses = samplerOf(LAYOUT, probes)(TOTALS).find(({ family }) =>
    family.name === "ktm_cache_misses_total"
  );
  assert.ok(misses !== undefined && !isHistogram(misses));
  assert.equal(misses.value, slot("cache_miss_bound"));
});

Deno.test("samplerOf() refuses an object that lacks a counter", () => {
  const layout = new Map([...LAYOUT].filter(([name]) => name !== "fadvise_calls"));
  assert.throws(
    () => samplerOf(layout, served())(TOTALS),
    /^RangeError: Cannot read counter fadvise_calls: the object has none$/,
  );
});

Deno.test("LATENCY_BOUNDS are 2^i microseconds for i from 0 to 26", () => {
  assert.equal(LATENCY_BOUNDS.length, 27);
  LATENCY_BOUNDS.forEach((bound, index) => assert.equal(bound, 1000n * 2n ** BigInt(index)));
});
