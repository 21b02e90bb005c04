import assert from "node:assert/strict";
import type { Sample, SampleSet } from "../../metrics/mod.ts";
import { DEMO_ADVICE, DEMO_ROWS, type DemoCounts, zeroCounts } from "./counts.ts";
import { demoReport } from "./report.ts";

/** Counts that all differ. */
function someCounts(): Record<keyof DemoCounts, number> {
  const counts = zeroCounts();
  DEMO_ROWS.forEach(({ count }, index) => counts[count] = 1000 + index);
  return counts;
}

/** What a kernel that counts right would give: a histogram has its observations in two buckets. */
function samplesOf(counts: DemoCounts): Sample[] {
  return DEMO_ROWS.map(({ count, metric, advice }): Sample => {
    const value = BigInt(counts[count]);
    const labels: Record<string, string> = advice === undefined ? {} : { advice };
    const family = { name: metric, help: "Some.", unit: "1" } as const;
    return metric.endsWith("_seconds")
      ? { family: { ...family, type: "histogram" }, labels, bounds: [1n], buckets: [value - 3n, 3n], sum: 9n }
      : { family: { ...family, type: "counter" }, labels, value };
  });
}

function setOf(samples: readonly Sample[]): SampleSet[] {
  return [{ source: "iomonitor", timeMs: 0, monotonicMs: 0, samples: [] }, {
    source: "other",
    timeMs: 0,
    monotonicMs: 0,
    samples,
  }];
}

Deno.test("demoReport() agrees where every count is the same, and shows each of them twice", () => {
  const counts = someCounts();
  const { text, agrees } = demoReport(counts, setOf(samplesOf(counts)));
  assert.equal(agrees, true);
  for (const { count } of DEMO_ROWS) {
    assert.match(text, new RegExp(`^.* ${counts[count]} +${counts[count]}  ok$`, "m"));
  }
  assert.match(text, new RegExp(`^All ${DEMO_ROWS.length} counts agree\\.$`, "m"));
});

Deno.test("demoReport() finds any single count that differs by one", () => {
  for (const { count, label } of DEMO_ROWS) {
    const counts = someCounts();
    const counted = samplesOf(counts);
    counts[count]++;
    const { text, agrees } = demoReport(counts, setOf(counted));
    assert.equal(agrees, false, label);
    assert.match(text, new RegExp(`^${label} +${counts[count]} +${counts[count] - 1}  DIFFERS$`, "m"));
    assert.match(text, new RegExp(`^1 of ${DEMO_ROWS.length} counts differ\\.$`, "m"));
  }
});

Deno.test("demoReport() does not take an absent metric for zero", () => {
  const { text, agrees } = demoReport(zeroCounts(), setOf([]));
  assert.equal(agrees, false);
  assert.equal(text.match(/ 0 +- {2}absent$/gm)?.length, DEMO_ROWS.length);
});

Deno.test("DEMO_ROWS have a row for every advice", () => {
  const shown = DEMO_ROWS.flatMap(({ advice }) => advice === undefined ? [] : [advice]);
  assert.deepEqual(shown, DEMO_ADVICE.map(({ advice }) => advice));
});
