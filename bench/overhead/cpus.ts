/** What a collection costs on machines with more CPUs than this one: all but the kernel's copy. @module */
import { IOMONITOR } from "../../src/collector/iomonitor/mod.ts";
import { flatLayout, parseObject } from "../../src/elf/mod.ts";
import { samplerOf, sumCpus } from "../../src/programs/mod.ts";

const WARM_UP = 300;

/** What one look-up gives, and what it takes to make samples out of it. */
export interface CpuCost {
  readonly bytes: number;
  readonly microseconds: readonly number[];
}

/** Makes samples out of the counters of as many CPUs, over and over. */
export function sumCost(cpus: number, rounds: number): CpuCost {
  const layout = flatLayout(parseObject(IOMONITOR.object).btf, "counters");
  const toSamples = samplerOf(
    layout,
    IOMONITOR,
    IOMONITOR.probes.map(({ probe, strategies }) => ({ probe, serving: strategies[0], failures: [] })),
  );
  const words = crypto.getRandomValues(new BigUint64Array(layout.size));
  const value = new Uint8Array(new BigUint64Array(Array(cpus).fill([...words]).flat()).buffer);
  const once = () => {
    const start = performance.now();
    toSamples(sumCpus(value, cpus));
    return (performance.now() - start) * 1000;
  };
  for (let round = 0; round < WARM_UP; round++) once();
  return { bytes: value.length, microseconds: Array.from({ length: rounds }, once) };
}
