import assert from "node:assert/strict";
import type { MetricFamily } from "../metrics/mod.ts";
import { dumpRecording } from "./dump_text.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

Deno.test("dumpRecording() gives a value that JSON keeps, with exact integers and gaps", () => {
  const begin = { timeMs: 1, monotonicMs: 10 };
  const lives = [{ number: 1, target: { comm: "banyand" }, begin }];
  const value = dumpRecording({
    lives,
    windows: [{
      source: "io",
      life: 1,
      timesMs: [1, 2],
      monotonicMs: [10, 11],
      series: [
        {
          family: READS,
          labels: { cpu: "0" },
          part: "value",
          upperBound: undefined,
          values: [2n ** 64n - 1n, undefined],
        },
        { family: LATENCY, labels: {}, part: "bucket", upperBound: 1_000n, values: [0n, 1n] },
        { family: LATENCY, labels: {}, part: "bucket", upperBound: undefined, values: [0n, 2n] },
        { family: LATENCY, labels: {}, part: "sum", upperBound: undefined, values: [0n, 3n] },
      ],
    }],
  });
  const latency = { name: "latency_seconds", type: "histogram", unit: "ns", labels: {} };
  assert.deepEqual(JSON.parse(JSON.stringify(value)), {
    version: 2,
    lives,
    sources: [{
      source: "io",
      life: 1,
      timesMs: [1, 2],
      monotonicMs: [10, 11],
      series: [
        {
          name: "reads_total",
          type: "counter",
          unit: "1",
          labels: { cpu: "0" },
          part: "value",
          values: ["18446744073709551615", null],
        },
        { ...latency, part: "bucket", upperBound: "1000", values: ["0", "1"] },
        { ...latency, part: "bucket", upperBound: "+Inf", values: ["0", "2"] },
        { ...latency, part: "sum", values: ["0", "3"] },
      ],
    }],
  });
});
