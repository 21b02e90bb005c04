import assert from "node:assert/strict";
import type { Labels, MetricFamily, SampleSet, SeriesWindow, SourceWindow } from "../../metrics/mod.ts";
import { BUCKET_BOUNDS } from "../../metrics/mod.ts";
import { readingOf, readingsOf } from "./reading.ts";

function gauge(name: string): MetricFamily {
  return { name, type: "gauge", help: "", unit: "1" };
}

const READS: MetricFamily = { name: "ktm_sys_read_latency_seconds", type: "histogram", help: "", unit: "ns" };
const INFO = gauge("ktm_target_info");

function series(family: MetricFamily, labels: Labels, ...values: (bigint | undefined)[]): SeriesWindow {
  return { family, labels, part: "value", upperBound: undefined, values };
}

function windowOf(source: string, monotonicMs: readonly number[], ...series: SeriesWindow[]): SourceWindow {
  return { source, timesMs: monotonicMs.map((ms) => ms + 1_000_000), monotonicMs, series };
}

function reads(...values: bigint[]): SeriesWindow {
  return { ...series(READS, {}, ...values), part: "bucket", upperBound: BUCKET_BOUNDS[0] };
}

Deno.test("readingsOf() knows of each reading what another source said last of the target", () => {
  const readings = readingsOf([
    windowOf(
      "target",
      [10, 20, 30],
      series(INFO, { cgroup: "/a", pid: "1" }, 1n, 1n, undefined),
      series(INFO, { cgroup: "/b", pid: "2" }, undefined, undefined, 1n),
      series(gauge("ktm_degraded"), {}, 0n, 1n, 0n),
    ),
    windowOf("iomonitor", [5, 11, 29, 30], reads(1n, 2n, 3n, 4n)),
  ]);
  assert.deepEqual(
    readings.map(({ monotonicMs, cgroup, pid, isByName }) => [monotonicMs, cgroup, pid, isByName]),
    [
      [5, undefined, undefined, false],
      [11, "/a", "1", false],
      [29, "/a", "1", true],
      [30, "/b", "2", false],
    ],
  );
});

Deno.test("readingsOf() reads a dump in which one source says everything", () => {
  const [reading] = readingsOf([
    windowOf("iomonitor", [5], reads(1n), series(INFO, { cgroup: "/a", pid: "1" }, 1n)),
  ]);
  assert.deepEqual([reading?.cgroup, reading?.pid], ["/a", "1"]);
});

Deno.test("readingOf() takes the target from another set, and no such set for a reading", () => {
  const moment = { timeMs: 7, monotonicMs: 7 };
  const target: SampleSet = {
    source: "target",
    ...moment,
    samples: [{ family: INFO, labels: { cgroup: "/a", pid: "1" }, value: 1n }],
  };
  const calls: SampleSet = {
    source: "iomonitor",
    ...moment,
    samples: [{
      family: READS,
      labels: {},
      bounds: BUCKET_BOUNDS,
      buckets: [...BUCKET_BOUNDS, 0n].map(() => 1n),
      sum: 1n,
    }],
  };
  assert.equal(readingOf(calls, [target])?.cgroup, "/a");
  assert.equal(readingOf(calls)?.cgroup, undefined);
  assert.equal(readingOf(target, [calls]), undefined);
});
