import assert from "node:assert/strict";
import type { MetricFamily } from "../metrics/mod.ts";
import { formatJson } from "./json.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Calls of read.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

Deno.test("formatJson() writes every measured integer as a decimal string", () => {
  const text = formatJson([
    {
      source: "iomonitor",
      timeMs: 1_700_000_000_000,
      monotonicMs: 1_700_000_000_000,
      samples: [
        { family: READS, labels: { cpu: "0" }, value: 18_446_744_073_709_551_615n },
        { family: LATENCY, labels: {}, bounds: [1_000n], buckets: [2n, 3n], sum: 9_007_199_254_740_993n },
      ],
    },
  ]);
  assert.ok(text.endsWith("\n"));
  assert.deepEqual(JSON.parse(text), {
    version: 1,
    sets: [
      {
        source: "iomonitor",
        timeMs: 1_700_000_000_000,
        monotonicMs: 1_700_000_000_000,
        samples: [
          {
            name: "reads_total",
            type: "counter",
            unit: "1",
            labels: { cpu: "0" },
            value: "18446744073709551615",
          },
          {
            name: "latency_seconds",
            type: "histogram",
            unit: "ns",
            labels: {},
            bounds: ["1000"],
            buckets: ["2", "3"],
            sum: "9007199254740993",
            count: "5",
          },
        ],
      },
    ],
  });
});

Deno.test("formatJson() writes a value for no sets as well", () => {
  assert.deepEqual(JSON.parse(formatJson([])), { version: 1, sets: [] });
});
