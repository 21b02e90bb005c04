import assert from "node:assert/strict";
import type { HistogramSample, MetricFamily, Sample } from "../metrics/mod.ts";
import { formatTable } from "./table.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Calls of read.", unit: "1" };
const STALL: MetricFamily = { name: "stall_seconds_total", type: "counter", help: "Time.", unit: "ns" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

function tableOf(...samples: Sample[]): string {
  return formatTable([{ source: "test", timeMs: 0, monotonicMs: 0, samples }]);
}

function valueOf(sample: Sample): string | undefined {
  return tableOf(sample).split("\n")[1]?.replace(sample.family.name, "").trim();
}

function histogram(bounds: bigint[], buckets: bigint[], sum: bigint): HistogramSample {
  return { family: LATENCY, labels: {}, bounds, buckets, sum };
}

Deno.test("formatTable() aligns metric, labels and value", () => {
  const table = tableOf(
    { family: READS, labels: { cpu: "0", node: "1" }, value: 18_446_744_073_709_551_615n },
    { family: STALL, labels: {}, value: 0n },
  );
  assert.equal(
    table,
    [
      "METRIC               LABELS            VALUE",
      'reads_total          cpu="0" node="1"  18446744073709551615',
      "stall_seconds_total                    0",
      "",
    ].join("\n"),
  );
});

Deno.test("formatTable() gives durations the unit that suits their size", () => {
  const expected: [bigint, string][] = [
    [999n, "999ns"],
    [1_000n, "1us"],
    [1_024_000n, "1.024ms"],
    [1_234_567_891n, "1.234567891s"],
    [-2_500n, "-2.5us"],
  ];
  for (const [value, text] of expected) assert.equal(valueOf({ family: STALL, labels: {}, value }), text);
});

Deno.test("formatTable() writes a histogram as count, sum and percentile bounds", () => {
  const sample = histogram([1_000n, 2_000n, 4_000n], [50n, 45n, 4n, 1n], 130_000n);
  assert.equal(valueOf(sample), "count 100, sum 130us, p50 <= 1us, p95 <= 2us, p99 <= 4us");
});

Deno.test("formatTable() says that a percentile is above the last bound", () => {
  const sample = histogram([1_000n, 2_000n], [1n, 0n, 1n], 9_000n);
  assert.equal(valueOf(sample), "count 2, sum 9us, p50 <= 1us, p95 > 2us, p99 > 2us");
});

Deno.test("formatTable() gives no percentile of an empty histogram", () => {
  assert.equal(valueOf(histogram([1_000n], [0n, 0n], 0n)), "count 0, sum 0");
});

Deno.test("formatTable() lets no control character of a label reach the terminal", () => {
  assert.ok(tableOf({ family: READS, labels: { comm: "\x1b[2J" }, value: 1n }).includes('comm="\\u001b[2J"'));
});
