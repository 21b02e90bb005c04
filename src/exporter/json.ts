/**
 * Sample sets as JSON.
 *
 * @module
 */
import { isHistogram, observationsOf, type Sample, type SampleSet, visibleJson } from "../metrics/mod.ts";

/**
 * Writes sample sets as one line of JSON.
 *
 * The value is `{version: 1, sets: [{source, timeMs, monotonicMs, samples}]}`. A sample has `name`, `type`, `unit`,
 * `labels` and `value`; a histogram has `bounds`, `buckets`, `sum` and `count` in place of `value`. All that
 * was measured is a decimal string in the family's unit, because a JSON number would lose digits above
 * 2^53: a `unit` of `ns` means nanoseconds. `bounds` are inclusive, without the last, infinite one;
 * `buckets` are not cumulative.
 *
 * @param sets what to write
 * @returns the text, ending in a newline
 */
export function formatJson(sets: readonly SampleSet[]): string {
  const written = sets.map(({ source, timeMs, monotonicMs, samples }) => ({
    source,
    timeMs,
    monotonicMs,
    samples: samples.map(jsonSample),
  }));
  return `${visibleJson(JSON.stringify({ version: 1, sets: written }))}\n`;
}

function jsonSample(sample: Sample): Record<string, unknown> {
  const { name, type, unit } = sample.family;
  const head = { name, type, unit, labels: sample.labels };
  if (!isHistogram(sample)) return { ...head, value: `${sample.value}` };
  return {
    ...head,
    bounds: sample.bounds.map(String),
    buckets: sample.buckets.map(String),
    sum: `${sample.sum}`,
    count: `${observationsOf(sample.buckets)}`,
  };
}
