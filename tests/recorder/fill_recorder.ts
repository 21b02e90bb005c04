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
import { releaseGarbage } from "../../src/runtime/startup_memory.ts";

const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LABELS = Array.from({ length: 240 }, (_, cpu) => ({ cpu: `${cpu}` }));

const [memoryLimit = 0, records = 0] = Deno.args.map(Number);

const recorder = new FlightRecorder({ memoryLimit });
let timeMs = 0;

function fill(series: number): void {
  const labels = LABELS.slice(0, series);
  for (const end = timeMs + records; timeMs < end;) {
    const value = BigInt(timeMs);
    recorder.record({
      source: "io",
      timeMs,
      monotonicMs: timeMs++,
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

/** V8 gives buffers back in threads of its own, some turns after it has found them unused. */
const LOOKS = 20;

/** What the process takes once its garbage is given back, as the agent does once a minute. */
async function resident(): Promise<number> {
  let least = Infinity;
  for (let look = 0; look < LOOKS; look++) {
    releaseGarbage();
    await new Promise((resolve) => setTimeout(resolve, 0));
    least = Math.min(least, Deno.memoryUsage().rss);
  }
  return least;
}

async function measured(series: number) {
  fill(series);
  return { rows: rows(), bytes: recorder.byteLength, resident: await resident() };
}

console.log(JSON.stringify([await measured(120), await measured(240), await measured(120)]));
