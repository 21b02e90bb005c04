import assert from "node:assert/strict";
import { COUNTER_METRICS, LATENCY_METRICS, WRITE_FIGURES } from "./metrics.ts";

const FAMILY = ["write", "pwrite64", "writev", "pwritev", "pwritev2"];
const SYNCS = ["fsync", "fdatasync", "sync_file_range"];

/** The counters that are added up for a metric. */
function pathsOf(name: string): string[] {
  const metrics = [...COUNTER_METRICS, ...LATENCY_METRICS].filter(({ family }) => family.name === name);
  return metrics.flatMap(({ counter, and = [] }) => [counter, ...and]);
}

Deno.test("each metric of writes has every call of the family in it once", () => {
  assert.deepEqual(pathsOf("ktm_sys_write_latency_seconds"), FAMILY);
  for (const field of ["bytes", "errors"]) {
    assert.deepEqual(pathsOf(`ktm_sys_write_${field}_total`), FAMILY.map((call) => `${call}.${field}`));
  }
});

Deno.test("each call that waits for the disk has its own histogram and its own errors", () => {
  assert.deepEqual(pathsOf("ktm_sys_fsync_latency_seconds"), SYNCS);
  assert.deepEqual(pathsOf("ktm_sys_fsync_errors_total"), SYNCS.map((call) => `${call}.errors`));
  for (const { family, labels, counter, probe } of [...LATENCY_METRICS, ...COUNTER_METRICS]) {
    if (!family.name.startsWith("ktm_sys_fsync")) continue;
    assert.equal(labels["call"], counter.split(".")[0]);
    assert.equal(probe, `sys_${labels["call"]}`);
  }
});

Deno.test("what the live view shows are counters that the module has", () => {
  const names = new Set(COUNTER_METRICS.map(({ family }) => family.name));
  for (const { metric } of WRITE_FIGURES) assert.ok(names.has(metric), metric);
});
