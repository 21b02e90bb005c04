import assert from "node:assert/strict";
import type { SeriesDump } from "../../src/recorder/mod.ts";
import { compactDump, isTrue } from "./recording.ts";

function series(name: string, values: readonly string[], part: SeriesDump["part"] = "value"): SeriesDump {
  return { name, type: "counter", unit: "1", labels: {}, part, values };
}

Deno.test("compactDump() keeps counters that stood still, and leaves out buckets that did", () => {
  const kept = [
    series("ktm_fadvise_calls_total", ["0", "0"]),
    series("ktm_sys_read_latency_seconds", ["3", "4"], "bucket"),
  ];
  const dump = compactDump({
    version: 1,
    sources: [
      { source: "ktm", timesMs: [1, 2], series: [series("ktm_collections_total", ["1", "2"])] },
      {
        source: "iomonitor",
        timesMs: [1, 2],
        series: [
          ...kept,
          series("ktm_sys_read_latency_seconds", ["3", "3"], "bucket"),
          series("ktm_cache_fills_total", ["1", "2"]),
        ],
      },
    ],
  });
  assert.deepEqual(dump, { version: 1, sources: [{ source: "iomonitor", timesMs: [1, 2], series: kept }] });
});

function reads(p99Ns: number) {
  return { count: 1000, p50Ns: 5000, p95Ns: 10_000, p99Ns };
}

Deno.test("isTrue() wants a rise of the slowest reads that is no noise, or none", () => {
  const [cached, alsoCached] = [reads(20_000), reads(200_000)];
  const [disk, slowDisk] = [reads(600_000), reads(5_000_000)];
  assert.equal(isTrue("rises", { before: cached, after: slowDisk }), true);
  assert.equal(isTrue("rises", { before: cached, after: disk }), false);
  assert.equal(isTrue("rises", { before: disk, after: slowDisk }), true);
  assert.equal(isTrue("holds", { before: cached, after: alsoCached }), true);
  assert.equal(isTrue("holds", { before: slowDisk, after: cached }), true);
  assert.equal(isTrue("holds", { before: cached, after: disk }), false);
});

Deno.test("isTrue() is false of a run without reads", () => {
  const none = { count: 0, p50Ns: 0, p95Ns: 0, p99Ns: 0 };
  for (const truth of ["rises", "holds"] as const) {
    assert.equal(isTrue(truth, { before: none, after: reads(20_000) }), false);
    assert.equal(isTrue(truth, { before: reads(20_000), after: none }), false);
  }
});
