/** What was measured at one moment, and how to find a value in it. @module */
import { type HistogramSample, isHistogram, type Sample, type SampleSet } from "../metrics/mod.ts";

/** Every source's values at one moment. */
export interface Snapshot {
  /** Milliseconds on a clock that never goes back. */
  readonly atMs: number;
  readonly sets: readonly SampleSet[];
}

/** A label and its value, for metrics that have one. */
export type Label = readonly [name: string, value: string];

/** Every sample of a metric. */
export function samplesOf({ sets }: Snapshot, name: string): Sample[] {
  return sets.flatMap(({ samples }) => samples.filter(({ family }) => family.name === name));
}

/** A counter or gauge; undefined if it is absent. */
export function scalarOf(snapshot: Snapshot, name: string, label?: Label): bigint | undefined {
  const sample = samplesOf(snapshot, name).find(({ labels }) =>
    label === undefined || labels[label[0]] === label[1]
  );
  return sample === undefined || isHistogram(sample) ? undefined : sample.value;
}

/** A histogram; undefined if it is absent. */
export function histogramOf(snapshot: Snapshot, name: string): HistogramSample | undefined {
  return samplesOf(snapshot, name).find(isHistogram);
}
