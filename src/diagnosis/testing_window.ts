/** Windows for tests, made of what happens in each second. @module */
import {
  BUCKET_BOUNDS,
  BUCKETS,
  type MetricFamily,
  type SeriesWindow,
  type SourceWindow,
} from "../metrics/mod.ts";
import {
  type Call,
  CALL_METRICS,
  CALLS,
  type Field,
  FIELD_NAMES,
  type FieldName,
  FIELDS,
} from "./readings/fields.ts";

/** What happens in a second. */
export interface Second extends Partial<Readonly<Record<Call, Readonly<Record<number, number>>>>> {
  /** Events of each counter; none unless given. */
  readonly events?: Partial<Readonly<Record<FieldName, number>>>;
}

/** What a window says beside what happens. */
export interface WindowSettings {
  readonly startMs?: number;
  /** The same moment of the monotonic clock; the wall clock's unless given. */
  readonly monotonicMs?: number;
  /** By how much everything is multiplied. */
  readonly scale?: number;
  /** Counters that are not measured, and calls that are not timed. */
  readonly without?: readonly (FieldName | Call)[];
  /** Probes that give an approximation. */
  readonly inexact?: readonly string[];
  /** The process that is watched in each second; empty if there is none. */
  readonly pids?: readonly string[];
  readonly cgroup?: string;
}

/** A moment in 2023. */
const START_MS = 1_700_000_000_000;
const MS = 1000;

function family(name: string, type: MetricFamily["type"], unit: MetricFamily["unit"] = "1"): MetricFamily {
  return { name, type, help: "", unit };
}

/** Sums so far, before the first second and after each. */
function sums(growth: readonly number[], scale: number): bigint[] {
  // Counters are never new when a window begins.
  const values = [1_000_000n];
  for (const one of growth) values.push(values.at(-1)! + BigInt(one * scale));
  return values;
}

function series(
  of: MetricFamily,
  values: SeriesWindow["values"],
  rest: Partial<SeriesWindow> = {},
): SeriesWindow {
  return { family: of, labels: {}, part: "value", upperBound: undefined, values, ...rest };
}

function counterSeries(name: FieldName, seconds: readonly Second[], scale: number): SeriesWindow {
  const { metric, label, part }: Field = FIELDS[name];
  const values = sums(seconds.map(({ events }) => events?.[name] ?? 0), scale);
  const isTime = metric.includes("_seconds");
  const of = family(metric, part === "sum" ? "histogram" : "counter", isTime ? "ns" : "1");
  return series(of, values, {
    part: part ?? "value",
    labels: label === undefined ? {} : { [label[0]]: label[1] },
  });
}

function bucketSeries(call: Call, seconds: readonly Second[], scale: number): SeriesWindow[] {
  return Array.from({ length: BUCKETS }, (_, bucket) => {
    const values = sums(seconds.map((second) => second[call]?.[bucket] ?? 0), scale);
    const upperBound = BUCKET_BOUNDS[bucket];
    return series(family(CALL_METRICS[call], "histogram", "ns"), values, { part: "bucket", upperBound });
  });
}

function stateSeries(
  rows: number,
  { inexact = [], without = [], pids = [], cgroup = "/db" }: WindowSettings,
) {
  const gone = new Set(without.flatMap((name) => name in FIELDS ? [FIELDS[name as FieldName].probe] : []));
  const probes = new Set(Object.values(FIELDS).map(({ probe }) => probe).filter((probe) => !gone.has(probe)));
  const always = new Array<bigint>(rows).fill(1n);
  const info = [...probes].map((probe) =>
    series(family("ktm_probe_info", "gauge"), always, {
      labels: { probe, strategy: "tp_btf", exact: String(!inexact.includes(probe)) },
    })
  );
  const watched = Array.from({ length: rows }, (_, row) => pids[row] ?? "1");
  const targets = [...new Set(watched)].filter((pid) => pid !== "").map((pid) =>
    series(family("ktm_target_info", "gauge"), watched.map((one) => one === pid ? 1n : undefined), {
      labels: { mode: "full", pid, comm: "banyand", cgroup },
    })
  );
  return [...info, ...targets];
}

/**
 * Makes a window of iomonitor.
 *
 * @param seconds what happens, one after the other; there is one more row than seconds
 * @param settings what else there is
 */
export function windowOf(seconds: readonly Second[], settings: WindowSettings = {}): SourceWindow {
  const { startMs = START_MS, monotonicMs = startMs, scale = 1, without = [] } = settings;
  const rows = seconds.length + 1;
  return {
    source: "iomonitor",
    timesMs: Array.from({ length: rows }, (_, row) => startMs + row * MS),
    monotonicMs: Array.from({ length: rows }, (_, row) => monotonicMs + row * MS),
    series: [
      ...CALLS.filter((call) => !without.includes(call)).flatMap((call) =>
        bucketSeries(call, seconds, scale)
      ),
      ...FIELD_NAMES.filter((name) => !without.includes(name)).map((name) =>
        counterSeries(name, seconds, scale)
      ),
      ...stateSeries(rows, settings),
    ],
  };
}

/** The same second many times. */
export function repeat(count: number, second: Second): Second[] {
  return new Array<Second>(count).fill(second);
}
