/**
 * What the recorder file costs: a row, the start of the next agent, and `pwrite(2)` beside a shared mapping. On tmpfs,
 * in processor time of the thread.
 *
 * @module
 */
import type { Labels, MetricFamily, SampleSet } from "../src/metrics/mod.ts";
import { openRecorderFile, recorderFileBytes, type Reporter } from "../src/recorder/file/mod.ts";
import { FlightRecorder } from "../src/recorder/mod.ts";
import { openHeld, resize, writeAt } from "../src/syscall/files/held_file.ts";
import { SharedMemory, threadCpuMs } from "../src/syscall/mod.ts";
import { table } from "./table.ts";

const MIB = 1024 * 1024;
const COUNTERS = 80;
const BUCKETS = 29;

/** Of a container with 120 MiB, and where there is no limit. */
const MEMORY_LIMITS = [12 * MIB, 64 * MIB];

const REPORT: Reporter = { info: console.error, warn: console.error };

function family(name: string, type: MetricFamily["type"]): MetricFamily {
  return { name, type, help: "What is counted here, in a sentence of the usual length.", unit: "1" };
}

const THINGS = family("things_total", "counter");
const LATENCIES = ["read", "pread"].map((call) => family(`${call}_latency_seconds`, "histogram"));
const LABELS: readonly Labels[] = Array.from({ length: COUNTERS }, (_, index) => ({ of: `${index}` }));
const BOUNDS = Array.from({ length: BUCKETS - 1 }, (_, index) => 1000n << BigInt(index));

/** Values that grow as those of a busy database: half of the counters, and a third of the buckets. */
function* busy(): Generator<SampleSet> {
  const counters = LABELS.map(() => 0n);
  const buckets = LATENCIES.map(() => Array<bigint>(BUCKETS).fill(0n));
  const some = () => BigInt(Math.floor(Math.random() * 5000));
  for (let number = 0;; number++) {
    for (let index = 0; index < COUNTERS; index += 2) counters[index]! += some();
    for (const row of buckets) for (let index = 3; index < 13; index++) row[index]! += some();
    const samples = [
      ...LABELS.map((labels, index) => ({ family: THINGS, labels, value: counters[index]! })),
      ...LATENCIES.map((family, index) => ({
        family,
        labels: LABELS[0]!,
        bounds: BOUNDS,
        buckets: [...buckets[index]!],
        sum: buckets[index]!.reduce((sum, count) => sum + count, 0n) * 3000n,
      })),
    ];
    yield { source: "bench", timeMs: 1.7e12 + number * 10_000, monotonicMs: number, samples };
  }
}

function cpuMs<T>(action: () => T): { readonly ms: number; readonly result: T } {
  const before = threadCpuMs();
  const result = action();
  return { ms: threadCpuMs() - before, result };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Fills a file several times round, and lets the next agent take it over. */
function measure(path: string, memoryLimit: number): string[] {
  const options = { bytes: recorderFileBytes(memoryLimit), report: REPORT };
  const rows: number[] = [];
  {
    using log = openRecorderFile(path, options).log;
    const enough = options.bytes / 150;
    for (const set of busy().take(enough)) rows.push(cpuMs(() => log.row(set)).ms);
  }
  const opening = cpuMs(() => openRecorderFile(path, options));
  using _log = opening.result.log;
  const takeover = cpuMs(() => new FlightRecorder({ memoryLimit, file: opening.result }));
  const count = opening.result.recovered!.histories[0]!.rowCount;
  return [
    `${(memoryLimit / MIB).toFixed(1)} MiB`,
    `${(options.bytes / MIB).toFixed(1)} MiB`,
    `${count}`,
    `${(median(rows) * 1000).toFixed(0)} us`,
    `${opening.ms.toFixed(0)} ms`,
    `${takeover.ms.toFixed(0)} ms`,
  ];
}

/** Microseconds for 300 bytes, the size of a row. */
function writeUs(path: string): readonly [pwrite: string, mmap: string] {
  const bytes = new Uint8Array(new ArrayBuffer(300));
  const count = 20_000;
  using fd = openHeld(path);
  resize(fd, MIB, path);
  using memory = new SharedMemory(fd, { length: MIB, isWritten: true }, path);
  const each = (write: (offset: number) => void) => {
    const { ms } = cpuMs(() => {
      for (let index = 0; index < count; index++) write(index % 3000 * bytes.length);
    });
    return (ms / count * 1000).toFixed(1);
  };
  return [each((offset) => writeAt(fd, bytes, offset, path)), each((offset) => memory.write(offset, bytes))];
}

const directory = await Deno.makeTempDir({ dir: "/dev/shm" });
try {
  const head = ["memory limit", "file", "rows", "a row", "opening", "takeover"];
  table(head, MEMORY_LIMITS.map((limit, index) => measure(`${directory}/recorder-${index}`, limit)));
  table(["pwrite, us", "mmap, us"], [writeUs(`${directory}/plain`)]);
} finally {
  await Deno.remove(directory, { recursive: true });
}
