/** What has to be counted of writes, and whether it was. @module */
import assert from "node:assert/strict";
import type { Done } from "../support/target/workload.ts";
import type { Values } from "../support/watch.ts";
import { assertAmount, type Expected } from "../truth/expect.ts";

const SYNCS = ["fsync", "fdatasync", "sync_file_range"];

/** Series that are judged on their own, or are not of this module's programs. */
const JUDGED_APART = /_seconds(\{[^}]*\})?_(sum|bucket)|^ktm_dirty_throttle|^ktm_missed|^ktm_probe_/;

/** Whether the kernel has left no program out. */
export function isWhole(values: Values): boolean {
  const missed = values.get('ktm_missed_program_runs_total{module="writemonitor"}');
  assert.ok(missed !== undefined);
  return missed === 0n;
}

/** Asserts that each series has grown by what is expected of it, and those of which nothing is expected not at all. */
export function assertGrown(values: Values, expected: Expected): void {
  const wrong: string[] = [];
  for (const series of Object.keys(expected)) assert.ok(values.has(series), series);
  for (const [series, value] of values) {
    if (JUDGED_APART.test(series)) continue;
    const amount = expected[series] ?? 0;
    const most = typeof amount === "number" ? amount : amount[1];
    try {
      assertAmount(series, value, isWhole(values) ? amount : [0, most]);
    } catch (error) {
      wrong.push((error as Error).message);
    }
  }
  assert.deepEqual(wrong, []);
}

/**
 * Asserts that what a workload did is what was counted.
 *
 * @param isBound whether the ends of some calls may not have been seen
 */
export function assertDone(values: Values, { writes, syncs }: Done, isBound = false): void {
  const [calls, bytes, errors] = writes;
  const exactly: Record<string, number> = {
    ktm_sys_write_latency_seconds_count: calls,
    ktm_sys_write_bytes_total: bytes,
    ktm_sys_write_errors_total: errors,
    ...Object.fromEntries(SYNCS.flatMap((call, index) => [
      [`ktm_sys_fsync_latency_seconds{call="${call}"}_count`, syncs[index]![0]],
      [`ktm_sys_fsync_errors_total{call="${call}"}`, syncs[index]![1]],
    ])),
  };
  if (!isBound) return assertGrown(values, exactly);
  assertGrown(values, {
    ...Object.fromEntries(Object.entries(exactly).map(([series, most]) => [series, [0, most]])),
    ktm_lost_events_total: [0, calls + errors],
  });
}
