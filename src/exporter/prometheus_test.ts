import assert from "node:assert/strict";
import type { HistogramSample, MetricFamily, Sample, SampleSet } from "../metrics/mod.ts";
import { formatOpenMetrics, formatPrometheus } from "./prometheus.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Calls of read.", unit: "1" };
const UP: MetricFamily = { name: "up", type: "gauge", help: "Lives.", unit: "1" };
const STALL: MetricFamily = {
  name: "stall_seconds_total",
  type: "counter",
  help: "Time in reclaim.",
  unit: "ns",
};
const LATENCY: HistogramSample = {
  family: { name: "latency_seconds", type: "histogram", help: "Time in read.", unit: "ns" },
  labels: { call: "read" },
  bounds: [1_000n, 2_000n, 67_108_864_000n],
  buckets: [3n, 0n, 4n, 1n],
  sum: 1_234_567_891n,
};

function setOf(...samples: Sample[]): SampleSet {
  return { source: "test", timeMs: 0, monotonicMs: 0, samples };
}

function text(...lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

Deno.test("formatPrometheus() writes HELP and TYPE once for each family", () => {
  const set = setOf(
    { family: READS, labels: { cpu: "0" }, value: 1n },
    { family: READS, labels: { cpu: "1", node: "0" }, value: 2n },
    { family: UP, labels: {}, value: 1n },
  );
  assert.equal(
    formatPrometheus([set]),
    text(
      "# HELP reads_total Calls of read.",
      "# TYPE reads_total counter",
      'reads_total{cpu="0"} 1',
      'reads_total{cpu="1",node="0"} 2',
      "# HELP up Lives.",
      "# TYPE up gauge",
      "up 1",
    ),
  );
});

Deno.test("formatPrometheus() brings the samples of a family together from all sets", () => {
  const up = (job: string): Sample => ({ family: { ...UP }, labels: { job }, value: 1n });
  const reads: Sample = { family: READS, labels: {}, value: 5n };
  assert.equal(
    formatPrometheus([setOf(up("a"), reads), setOf(up("b"))]),
    text(
      "# HELP up Lives.",
      "# TYPE up gauge",
      'up{job="a"} 1',
      'up{job="b"} 1',
      "# HELP reads_total Calls of read.",
      "# TYPE reads_total counter",
      "reads_total 5",
    ),
  );
});

Deno.test("formatPrometheus() writes counters and seconds with all their digits", () => {
  const lines = formatPrometheus([
    setOf(
      { family: READS, labels: {}, value: 18_446_744_073_709_551_615n },
      { family: STALL, labels: {}, value: 9_007_199_254_740_993n },
    ),
  ]).split("\n");
  assert.ok(lines.includes("reads_total 18446744073709551615"));
  assert.ok(lines.includes("stall_seconds_total 9007199.254740993"));
});

Deno.test("formatPrometheus() writes cumulative buckets, and a count that equals the last of them", () => {
  assert.equal(
    formatPrometheus([setOf(LATENCY)]),
    text(
      "# HELP latency_seconds Time in read.",
      "# TYPE latency_seconds histogram",
      'latency_seconds_bucket{call="read",le="1e-06"} 3',
      'latency_seconds_bucket{call="read",le="2e-06"} 3',
      'latency_seconds_bucket{call="read",le="67.108864"} 7',
      'latency_seconds_bucket{call="read",le="+Inf"} 8',
      'latency_seconds_sum{call="read"} 1.234567891',
      'latency_seconds_count{call="read"} 8',
    ),
  );
});

Deno.test("formatPrometheus() escapes label values and help texts", () => {
  const family: MetricFamily = { ...UP, help: 'A \\ "quoted"\nline.' };
  assert.equal(
    formatPrometheus([setOf({ family, labels: { path: 'C:\\"x"\n' }, value: 0n })]),
    text(
      String.raw`# HELP up A \\ "quoted"\nline.`,
      "# TYPE up gauge",
      String.raw`up{path="C:\\\"x\"\n"} 0`,
    ),
  );
});

Deno.test("formatPrometheus() writes nothing for nothing", () => {
  assert.equal(formatPrometheus([]), "");
  assert.equal(formatPrometheus([setOf()]), "");
});

Deno.test("formatOpenMetrics() names a counter's family without _total and ends in EOF", () => {
  assert.equal(
    formatOpenMetrics([
      setOf({ family: READS, labels: {}, value: 2n }, { family: UP, labels: {}, value: 1n }),
    ]),
    text(
      "# HELP reads Calls of read.",
      "# TYPE reads counter",
      "reads_total 2",
      "# HELP up Lives.",
      "# TYPE up gauge",
      "up 1",
      "# EOF",
    ),
  );
});

Deno.test("formatOpenMetrics() gives a counter that does not end in _total the type unknown", () => {
  const family: MetricFamily = { ...READS, name: "processes" };
  assert.equal(
    formatOpenMetrics([setOf({ family, labels: {}, value: 2n })]),
    text("# HELP processes Calls of read.", "# TYPE processes unknown", "processes 2", "# EOF"),
  );
});

Deno.test("formatOpenMetrics() writes le as a float and escapes quotes in help texts", () => {
  const sizes: HistogramSample = {
    family: { name: "sizes", type: "histogram", help: 'Say "pages".', unit: "1" },
    labels: {},
    bounds: [1n, 1_000_000n],
    buckets: [1n, 1n, 1n],
    sum: 1_000_010n,
  };
  assert.equal(
    formatOpenMetrics([setOf(sizes)]),
    text(
      String.raw`# HELP sizes Say \"pages\".`,
      "# TYPE sizes histogram",
      'sizes_bucket{le="1.0"} 1',
      'sizes_bucket{le="1e+06"} 2',
      'sizes_bucket{le="+Inf"} 3',
      "sizes_sum 1000010",
      "sizes_count 3",
      "# EOF",
    ),
  );
});
