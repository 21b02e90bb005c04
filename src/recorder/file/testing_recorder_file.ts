/** A recorder file and rows for it, for tests. @module */
import assert from "node:assert/strict";
import type { Life, MetricFamily, Sample, SampleSet } from "../../metrics/mod.ts";
import { pointsOf } from "../point.ts";
import { openRecorderFile, type RecorderFile } from "./recorder_file.ts";
import type { RecordLog, Reporter } from "./record_log.ts";
import type { RecoveredRow } from "./recovery.ts";
import { processId } from "../../syscall/mod.ts";

export const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
export const LEVEL: MetricFamily = { name: "level", type: "gauge", help: "Level.", unit: "1" };
const LATENCY: MetricFamily = { name: "latency_seconds", type: "histogram", help: "Time.", unit: "ns" };

// Opens all of libc: tests watch resources.
processId();

export const MIB = 1024 * 1024;
export const BOOT_A = "a".repeat(32);
export const BOOT_B = "b".repeat(32);
export const NOW = { bootId: BOOT_A, timeMs: 1_700_050_000_000, monotonicMs: 60_000_000 };

export function samplesOf(value: bigint): Sample[] {
  return [
    { family: READS, labels: { cpu: "0", __proto__x: "1" }, value },
    { family: LEVEL, labels: {}, value: -value },
    {
      family: LATENCY,
      labels: { of: "read" },
      bounds: [1_000n, 2_000n],
      buckets: [value, 0n, 1n],
      sum: value * 9n,
    },
  ];
}

export function rowOf(second: number, source = "io", samples = samplesOf(BigInt(second))): SampleSet {
  return {
    source,
    timeMs: 1_699_999_000_000 + second * 1000,
    monotonicMs: 1_000_000 + second * 1000.125,
    samples,
  };
}

/** Reports that are expected to come, and those that came. */
export function reporter(): Reporter & { readonly said: string[] } {
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  return { said, info: say, warn: say };
}

export function lifeOf(number: number, second: number): Life {
  const { timeMs, monotonicMs } = rowOf(second);
  return { number, target: { comm: "banyand", pid: 7, cgroup: "/db" }, begin: { timeMs, monotonicMs } };
}

export async function temporaryFile(): Promise<{ path: string } & AsyncDisposable> {
  const directory = await Deno.makeTempDir();
  return {
    path: `${directory}/recorder`,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}

export function open(
  path: string,
  options: { bytes?: number; now?: typeof NOW } = {},
): RecorderFile & Disposable {
  const file = openRecorderFile(path, { bytes: MIB, now: NOW, report: reporter(), ...options });
  return { ...file, [Symbol.dispose]: () => file.log[Symbol.dispose]() };
}

export function write(
  path: string,
  use: (log: RecordLog) => void,
  options: { bytes?: number; now?: typeof NOW } = {},
): void {
  using file = open(path, options);
  use(file.log);
}

const CPUS = Array.from({ length: 300 }, (_, cpu) => ({ cpu: `${cpu}` }));

/** A row of 300 series, of which some 700 fill a segment. */
export function wideRowOf(second: number): SampleSet {
  return rowOf(
    second,
    "io",
    CPUS.map((labels, cpu) => ({ family: READS, labels, value: BigInt(second * cpu) })),
  );
}

/** Fails at the first row that differs: to show thousands takes minutes. */
export function assertRows(actual: readonly RecoveredRow[], rows: readonly SampleSet[]): void {
  assert.equal(actual.length, rows.length);
  const text = (value: unknown) =>
    JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}n` : part);
  for (const [index, row] of expected(rows).entries()) {
    assert.ok(text(actual[index]) === text(row), `row ${index}`);
  }
}

/** Rows as they were recorded, to compare with. */
export function expected(rows: readonly SampleSet[]): unknown[] {
  return rows.map(({ timeMs, monotonicMs, samples }) => ({ timeMs, monotonicMs, points: pointsOf(samples) }));
}
