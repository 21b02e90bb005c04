/**
 * Records some times as many sets while series come and go, and prints what there is then: a program of its own,
 * because the memory of a process is measured.
 *
 * Arguments: the recorder's limit in bytes, and how often it records each number of series.
 *
 * @module
 */
import type { MetricFamily } from "../../src/metrics/mod.ts";
import { FlightRecorder } from "../../src/recorder/mod.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LABELS = Array.from({ length: 240 }, (_, cpu) => ({ cpu: `${cpu}` }));

const [memoryLimit = 0, records = 0] = Deno.args.map(Number);
const { gc } = globalThis as { gc?: () => void };

const recorder = new FlightRecorder({ memoryLimit });
let timeMs = 0;

function fill(series: number): void {
  const labels = LABELS.slice(0, series);
  for (const end = timeMs + records; timeMs < end;) {
    const value = BigInt(timeMs);
    recorder.record({
      source: "io",
      timeMs: timeMs++,
      samples: labels.map((labels) => ({ family: READS, labels, value })),
    });
  }
}

/** How many rows there are, without a copy of any of them. */
function rows(): number {
  let count = 0;
  for (const piece of recorder.dumpText()) {
    if (piece.startsWith("]")) break;
    if (!piece.endsWith("[")) count += piece.match(/\d+(?=,|$)/g)?.length ?? 0;
  }
  return count;
}

function resident(): number {
  gc?.();
  return Deno.memoryUsage().rss;
}

function measured(series: number) {
  fill(series);
  return { rows: rows(), bytes: recorder.byteLength, resident: resident() };
}

console.log(JSON.stringify([120, 240, 120].map(measured)));
