/** What has to be counted of what was done, and whether it was. @module */
import assert from "node:assert/strict";
import { BUCKET_BOUNDS } from "../../src/metrics/mod.ts";
import { excuse } from "../support/excuses.ts";
import type { Range } from "../support/kernel/memory_limit.ts";
import type { Done } from "../support/target/workload.ts";
import type { Values, Watch } from "../support/watch.ts";

const ADVICE = ["normal", "random", "sequential", "willneed", "dontneed", "noreuse", "other"];

/** Exactly, or at least and at most. */
export type Amount = number | Range;

/** Amounts by series. */
export type Expected = Readonly<Record<string, Amount>>;

/** What a scenario did, and what has to be counted beside the system calls that it made itself. */
export interface Outcome {
  readonly done: Done;
  /** Reads that failed without the process seeing that. */
  readonly hiddenErrors?: number;
  /** Of other metrics than those of system calls; what is not here is 0. */
  readonly expected?: Expected;
}

function callsOf({ done, hiddenErrors = 0 }: Outcome): Expected {
  const { read, pread, fadvise, advice } = done;
  return {
    ktm_sys_read_latency_seconds_count: read[0],
    ktm_sys_read_bytes_total: read[1],
    ktm_sys_read_errors_total: read[2] + hiddenErrors,
    ktm_sys_pread_latency_seconds_count: pread[0],
    ktm_sys_pread_bytes_total: pread[1],
    ktm_sys_pread_errors_total: pread[2],
    ktm_sys_read_again_total: done.again,
    ktm_fadvise_calls_total: fadvise[0],
    ktm_fadvise_success_total: fadvise[1],
    ...Object.fromEntries(
      ADVICE.map((name, index) => [`ktm_fadvise_advice_total{advice="${name}"}`, advice[index]!]),
    ),
    ktm_fadvise_dontneed_total: advice[4]!,
  };
}

/** Asserts that a count is as expected. */
export function assertAmount(name: string, actual: bigint, expected: Amount): void {
  const [least, most] = typeof expected === "number" ? [expected, expected] : expected;
  assert.ok(actual >= BigInt(least) && actual <= BigInt(most), `${name}: ${actual}, not ${least} to ${most}`);
}

/** Asserts that durations of which least and most are known are in their buckets, and in the sum. */
export function assertLatency(
  values: Values,
  series: string,
  bounds: readonly (readonly [number, number])[],
): void {
  if (values.get(MISSED) !== 0n) return;
  const total = (which: 0 | 1) => bounds.reduce((sum, bound) => sum + bound[which], 0);
  assertAmount(`${series}_sum`, values.get(`${series}_sum`)!, [total(0), total(1)]);
  let below = 0n;
  BUCKET_BOUNDS.forEach((bound, index) => {
    below += values.get(`${series}_bucket[${index}]`)!;
    const certainly = bounds.filter(([, most]) => most <= bound).length;
    const possibly = bounds.filter(([least]) => least <= bound).length;
    assertAmount(`${series} up to ${bound} ns`, below, [certainly, possibly]);
  });
}

/** Asserts that each histogram's sum is one that the counts of its buckets allow. */
export function assertSumsFit(values: Values): void {
  const bounds = [0n, ...BUCKET_BOUNDS];
  for (const call of CALLS) {
    const series = `ktm_sys_${call}_latency_seconds`;
    const sum = values.get(`${series}_sum`);
    if (sum === undefined) continue;
    const counts = bounds.map((_, index) => values.get(`${series}_bucket[${index}]`)!);
    const least = counts.reduce((sum, count, index) => sum + count * bounds[index]!, 0n);
    const most = counts.reduce((sum, count, index) => sum + count * (bounds[index + 1] ?? 1n << 63n), 0n);
    assert.ok(sum >= least && sum <= most, `${series}: sum ${sum}, not ${least} to ${most}`);
  }
}

/** The metrics that a name stands for beside itself. */
const SAME_AS: Readonly<Record<string, string>> = {
  ktm_cache_lookups_total: "ktm_cache_read_attempts_total",
  ktm_cache_fills_total: "ktm_page_cache_adds_total",
  ktm_cache_deletes_total: "ktm_page_cache_deletes_total",
};

const CALLS = ["read", "pread"];

/** How often the kernel left a program out. */
export const MISSED = 'ktm_missed_program_runs_total{module="iomonitor"}';

/** Comparisons of a test, and those in which the kernel had left programs out. */
const comparisons = { made: 0, missed: 0 };

/** Of the comparisons of a test so many have to be exact. */
const LEAST_EXACT_SHARE = 0.5;

/** Says of how many comparisons since it was called last only bounds were asked, and fails if of too many. */
export function excuseMissed(test: string): void {
  const { made, missed } = comparisons;
  [comparisons.made, comparisons.missed] = [0, 0];
  excuse("comparisons with missed runs", missed, `of ${made}, ${test}`);
  assert.ok(made > 0 && missed <= made * (1 - LEAST_EXACT_SHARE), `${missed} of ${made} were not exact`);
}

/** Series that are judged on their own. */
const JUDGED_APART =
  /_latency_seconds_(sum|bucket)|^ktm_memory_reclaim_stall|^ktm_missed_program_runs|^ktm_probe_/;

/**
 * Asserts that each series has grown by what is expected of it.
 *
 * Where the kernel interrupts a program for another task and says how often it then left the program out, that
 * is the most that is expected.
 */
export function assertCounted(values: Values, outcome: Outcome): void {
  const expected: Expected = { ...callsOf(outcome), ...outcome.expected };
  const isWhole = values.get(MISSED) === 0n;
  comparisons.made++;
  if (!isWhole) comparisons.missed++;
  const wrong: string[] = [];
  for (const [series, value] of values) {
    if (JUDGED_APART.test(series)) continue;
    const amount = expected[SAME_AS[series] ?? series] ?? 0;
    try {
      assertAmount(series, value, isWhole ? amount : [0, typeof amount === "number" ? amount : amount[1]]);
    } catch (error) {
      wrong.push((error as Error).message);
    }
  }
  assert.deepEqual(wrong, []);
  assertSumsFit(values);
}

/** What is counted at most where the ends of some calls are not seen. */
function crowded(outcome: Outcome): Expected {
  const calls = Object.entries(callsOf(outcome)).map(([series, amount]) =>
    [series, [0, typeof amount === "number" ? amount : amount[1]]] as const
  );
  const { read, pread, again, fadvise } = outcome.done;
  return {
    ...Object.fromEntries(calls),
    ktm_lost_events_total: [0, read[0] + read[2] + pread[0] + pread[2] + again + fadvise[0]],
  };
}

/** Compares what was counted with what was done by so many threads that a kretprobe cannot follow them all. */
export function assertCrowdCounted(watch: Watch, outcome: Outcome): void {
  const values = watch.since();
  const isExact = watch.exact("sys_read") !== false;
  assertCounted(values, {
    ...outcome,
    expected: { ...outcome.expected, ...isExact ? {} : crowded(outcome) },
  });
  const seen = CALLS.reduce(
    (sum, call) => sum + (values.get(`ktm_sys_${call}_latency_seconds_count`) ?? 0n),
    0n,
  );
  const { read, pread } = outcome.done;
  if (isExact && watch.exact("sys_read") !== undefined) {
    assert.ok(
      seen + values.get(MISSED)! >= BigInt(read[0] + pread[0]),
      `${seen} seen, ${values.get(MISSED)} missed`,
    );
  }
}
