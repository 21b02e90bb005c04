/** From the bytes of the counter map to samples. Pure. @module */
import type { FlatField } from "../../elf/mod.ts";
import type { Sample } from "../../metrics/mod.ts";
import type { ProbeStatus } from "./attach.ts";
import { COUNTER_METRICS, FALLBACK_EVENTS, LATENCY_BOUNDS, LATENCY_METRICS, LOST_EVENTS } from "./metrics.ts";

/** `struct counters`, all of it 64-bit integers. */
export type Totals = BigUint64Array;

/**
 * Adds up the slots of all CPUs.
 *
 * @param value what a look-up of the per-CPU map gave
 * @param cpus the number of slots in it
 */
export function sumCpus(value: Uint8Array<ArrayBuffer>, cpus: number): Totals {
  const slots = new BigUint64Array(value.buffer, value.byteOffset, value.length / 8);
  const length = slots.length / cpus;
  const totals = slots.slice(0, length);
  for (let at = length; at < slots.length; at++) totals[at % length]! += slots[at]!;
  return totals;
}

/**
 * The samples of the probes that are attached.
 *
 * @param totals the counters summed over all CPUs
 * @param layout where each counter is, from the object's BTF
 * @param probes how each probe is served; metrics of those that are not are left out
 */
export function toSamples(
  totals: Totals,
  layout: ReadonlyMap<string, FlatField>,
  probes: readonly ProbeStatus[],
): Sample[] {
  const attached = new Set(probes.filter(({ serving }) => serving !== undefined).map(({ probe }) => probe));
  const derived = new Set(
    probes.filter(({ serving }) => serving?.strategy === "derived").map(({ probe }) => probe),
  );
  const valueOf = (path: string): bigint => {
    const field = layout.get(path);
    if (field === undefined) throw new RangeError(`Cannot read counter ${path}: the object has none`);
    return totals[field[0] / 8]!;
  };
  return [
    ...LATENCY_METRICS.filter(({ probe }) => attached.has(probe)).map(({ family, counter }) => ({
      family,
      labels: {},
      bounds: LATENCY_BOUNDS,
      buckets: Array.from(
        { length: LATENCY_BOUNDS.length + 1 },
        (_, i) => valueOf(`${counter}.buckets[${i}]`),
      ),
      sum: valueOf(`${counter}.sum_ns`),
    })),
    ...COUNTER_METRICS.filter(({ probe }) => attached.has(probe)).map((metric) => ({
      family: metric.family,
      labels: metric.labels,
      value: valueOf(derived.has(metric.probe) ? metric.bound ?? metric.counter : metric.counter),
    })),
    { family: FALLBACK_EVENTS, labels: {}, value: valueOf("fallback_events") },
    { family: LOST_EVENTS, labels: {}, value: valueOf("lost_events") },
  ];
}
