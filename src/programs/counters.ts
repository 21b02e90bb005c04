/** From the bytes of the counter map to samples. Pure. @module */
import type { FlatField } from "../elf/mod.ts";
import { BUCKET_BOUNDS, type Sample } from "../metrics/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import type { CounterMetric, LatencyMetric } from "./metric.ts";

/** `struct counters`, all of it 64-bit integers. */
export type Totals = BigUint64Array;

/**
 * Adds up the slots of all CPUs, modulo 2^64 as the kernel counts.
 *
 * In halves of 32 bits, and with a carry: bigints would take ten times as long on a machine with many CPUs.
 *
 * @param value what a look-up of the per-CPU map gave
 * @param cpus the number of slots in it
 */
export function sumCpus(value: Uint8Array<ArrayBuffer>, cpus: number): Totals {
  const slots = new Uint32Array(value.buffer, value.byteOffset, value.length / 4);
  const length = slots.length / cpus;
  const sums = slots.slice(0, length);
  for (let at = length; at < slots.length;) {
    for (let to = 0; to < length; to += 2, at += 2) {
      const low = (sums[to]! + slots[at]!) >>> 0;
      const carry = low < slots[at]! ? 1 : 0;
      sums[to] = low;
      sums[to + 1] = (sums[to + 1]! + slots[at + 1]! + carry) >>> 0;
    }
  }
  return new BigUint64Array(sums.buffer);
}

/** Some of the counters added up. */
function sumAt(totals: Totals, indices: readonly number[]): bigint {
  return indices.reduce((sum, index) => sum + totals[index]!, 0n);
}

/** The metrics of an object's counters. */
export interface CounterTables {
  readonly counters: readonly CounterMetric[];
  readonly latencies: readonly LatencyMetric[];
}

/**
 * Prepares the samples of the probes that are attached.
 *
 * @param layout where each counter is, from the object's BTF
 * @param tables what is made of them
 * @param probes how each probe is served; metrics of those that are not are left out
 * @returns a function that makes the samples out of the counters summed over all CPUs
 */
export function samplerOf(
  layout: ReadonlyMap<string, FlatField>,
  { counters, latencies }: CounterTables,
  probes: readonly ProbeStatus[],
): (totals: Totals) => Sample[] {
  const attached = new Set(probes.filter(({ serving }) => serving !== undefined).map(({ probe }) => probe));
  const derived = new Set(
    probes.filter(({ serving }) => serving?.strategy === "derived").map(({ probe }) => probe),
  );
  const indexOf = (path: string): number => {
    const field = layout.get(path);
    if (field === undefined) throw new RangeError(`Cannot read counter ${path}: the object has none`);
    return field[0] / 8;
  };
  const histograms = latencies.filter(({ probe }) => attached.has(probe)).map((
    { family, labels, counter, and = [] },
  ) => ({
    family,
    labels,
    buckets: [...BUCKET_BOUNDS, Infinity].map((_, bucket) =>
      [counter, ...and].map((path) => indexOf(`${path}.buckets[${bucket}]`))
    ),
    sums: [counter, ...and].map((path) => indexOf(`${path}.sum_ns`)),
  }));
  const scalars = counters.filter(({ probe }) => attached.has(probe)).map((metric) => ({
    family: metric.family,
    labels: metric.labels,
    indices: [
      derived.has(metric.probe) ? metric.bound ?? metric.counter : metric.counter,
      ...metric.and ?? [],
    ].map(indexOf),
  }));
  return (totals) => [
    ...histograms.map(({ family, labels, buckets, sums }) => ({
      family,
      labels,
      bounds: BUCKET_BOUNDS,
      buckets: buckets.map((indices) => sumAt(totals, indices)),
      sum: sumAt(totals, sums),
    })),
    ...scalars.map(({ family, labels, indices }) => ({ family, labels, value: sumAt(totals, indices) })),
  ];
}
