/** The agent's HTTP server with known content, for tests that need no target. @module */
import { explainWindows } from "../../src/diagnosis/mod.ts";
import type { MetricFamily, SampleSet } from "../../src/metrics/mod.ts";
import { FlightRecorder } from "../../src/recorder/mod.ts";
import type { Host } from "../../src/sidecar/host.ts";
import type { Incidents } from "../../src/sidecar/incidents.ts";

const ANSWER: MetricFamily = { name: "answer", type: "gauge", help: "The answer.", unit: "1" };
const READS: MetricFamily = { name: "reads_total", type: "counter", help: "Reads.", unit: "1" };
const LABELS = Array.from({ length: 100 }, (_, cpu) => ({ cpu: `${cpu}` }));

/** The largest window that an incident can have. */
const WINDOW_BYTES = 4 << 20;

/** What differs from one test to another. */
export interface HttpStandOptions {
  /** Rows of the Flight Recorder, of a hundred series each; 10,000 of them are a dump of 11 MB. */
  readonly rows?: number;
  /** Whether `/metrics` has a hundred samples, and not one. */
  readonly isLong?: boolean;
  /** Called for each answer of `/metrics`. */
  readonly onMetrics?: () => void;
  /** Called for each answer of `/readyz`. */
  readonly onReady?: () => void;
}

function recorderWith(rows: number): FlightRecorder {
  const recorder = new FlightRecorder({ memoryLimit: 1 << 30 });
  for (let row = 0; row < rows; row++) {
    const samples = LABELS.map((labels) => ({ family: READS, labels, value: BigInt(row) }));
    recorder.record({ source: "io", timeMs: row, monotonicMs: row, samples });
  }
  return recorder;
}

/** What `serve()` tells of, with one incident. */
export function standHost({ rows = 1, isLong = false, onMetrics, onReady }: HttpStandOptions = {}): Host {
  const window = new Uint8Array(WINDOW_BYTES).fill(" ".charCodeAt(0));
  const latest = (): SampleSet[] => {
    onMetrics?.();
    return [{
      source: "some",
      timeMs: 0,
      monotonicMs: 0,
      samples: (isLong ? LABELS : [{}]).map((labels) => ({ family: ANSWER, labels, value: 42n })),
    }];
  };
  const health: Host["health"] = () => {
    onReady?.();
    return {};
  };
  const incidents: Partial<Incidents> = {
    explain: () => explainWindows([]),
    list: () => [],
    window: (number: number) => number === 1 ? window : undefined,
  };
  return { recorder: recorderWith(rows), latest, health, incidents } as Partial<Host> as Host;
}
