/** How many files are open for probes. Pure. @module */
import type { Probe, StrategyName } from "./probe.ts";

/** A program, its link and, where it attaches to one, the perf event. */
const FILES_OF_PROGRAM: Readonly<Record<StrategyName, number>> = {
  fentry: 2,
  tp_btf: 2,
  tracepoint: 3,
  kprobe: 3,
  derived: 2,
};

/** The most files that are open for probes, whichever of its strategies serves each. */
export function mostFilesOf(probes: readonly Probe[]): number {
  return probes.reduce(
    (sum, { strategies }) =>
      sum +
      Math.max(
        0,
        ...strategies.map(({ strategy, programs }) => FILES_OF_PROGRAM[strategy] * programs.length),
      ),
    0,
  );
}
