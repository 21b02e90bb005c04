/** What the counters said at one moment. @module */
import {
  bucketOf,
  BUCKETS,
  type Labels,
  type Moment,
  type Sample,
  type SampleSet,
  type Series,
  seriesOf,
  type SourceWindow,
  valuesOf,
} from "../../metrics/mod.ts";
import { type Call, CALL_METRICS, CALLS, FIELD_NAMES, type FieldName, fieldOf } from "./fields.ts";

/** Counters of one moment; undefined is what was not measured. */
export interface Reading {
  /** Milliseconds of the monotonic clock: durations and rates are of this clock alone. */
  readonly monotonicMs: number;
  /** What the wall clock showed beyond the monotonic one. */
  readonly wallOffsetMs: number;
  /** In the order of the names. */
  readonly fields: readonly (bigint | undefined)[];
  /** Calls in each bucket alone. */
  readonly calls: Readonly<Record<Call, readonly (bigint | undefined)[] | undefined>>;
  /** The cgroup and the process that are watched, undefined while that is not known or there is none. */
  readonly cgroup: string | undefined;
  readonly pid: string | undefined;
  /** How each probe is served: `exact`, or false if it is a bound or an approximation. */
  readonly probes: ReadonlyMap<string, boolean>;
  /** Whether only the name decides who is the target. */
  readonly isByName: boolean;
}

interface Draft {
  monotonicMs: number;
  wallOffsetMs: number;
  fields: (bigint | undefined)[];
  calls: Record<Call, (bigint | undefined)[] | undefined>;
  cgroup: string | undefined;
  pid: string | undefined;
  probes: Map<string, boolean>;
  isByName: boolean;
}

function draftOf({ timeMs, monotonicMs }: Moment): Draft {
  return {
    monotonicMs,
    wallOffsetMs: timeMs - monotonicMs,
    fields: new Array<bigint | undefined>(FIELD_NAMES.length).fill(undefined),
    calls: { read: undefined, pread: undefined },
    cgroup: undefined,
    pid: undefined,
    probes: new Map(),
    isByName: false,
  };
}

type State = (draft: Draft, labels: Labels, value: bigint) => void;

/** What a state metric says, by its name. */
const STATES: ReadonlyMap<string, State> = new Map<string, State>([
  ["ktm_target_info", (draft, { cgroup, pid }) => {
    draft.cgroup = cgroup || undefined;
    draft.pid = pid || undefined;
  }],
  ["ktm_probe_info", (draft, { probe, exact }) => void draft.probes.set(probe ?? "", exact !== "false")],
  ["ktm_degraded", (draft, _, value) => void (draft.isByName = value === 1n)],
]);

function callOf(metric: string): Call | undefined {
  return CALLS.find((call) => CALL_METRICS[call] === metric);
}

function setCalls(draft: Draft, call: Call, upperBound: bigint | undefined, value: bigint): void {
  const buckets = draft.calls[call] ??= new Array<bigint | undefined>(BUCKETS).fill(undefined);
  const bucket = bucketOf(upperBound);
  buckets[bucket] = (buckets[bucket] ?? 0n) + value;
}

function setField(draft: Draft, name: FieldName, value: bigint): void {
  draft.fields[FIELD_NAMES.indexOf(name)] = value;
}

/** How a value of a series is put into a draft; undefined if nothing of the series is read. */
function setterOf(
  { family, labels, part, upperBound }: Series,
): ((draft: Draft, value: bigint) => void) | undefined {
  const state = STATES.get(family.name);
  if (state !== undefined) return (draft, value) => state(draft, labels, value);
  const call = callOf(family.name);
  if (part === "bucket") return call && ((draft, value) => setCalls(draft, call, upperBound, value));
  const field = fieldOf(family.name, labels, part);
  return field && ((draft, value) => setField(draft, field, value));
}

/** True if a source tells of read calls. */
function isTold({ series }: SourceWindow): boolean {
  return series.some(({ family }) => callOf(family.name) !== undefined);
}

/** The rows of a window, each as what it does to a draft. */
function rowsOf({ monotonicMs, series }: SourceWindow): Row[] {
  const rows = monotonicMs.map((monotonicMs): Row => ({ monotonicMs, setters: [] }));
  for (const one of series) {
    const set = setterOf(one);
    if (set === undefined) continue;
    for (const [row, value] of one.values.entries()) {
      if (value !== undefined) rows[row]!.setters.push((draft) => set(draft, value));
    }
  }
  return rows;
}

/** What was recorded at one moment. */
interface Row {
  readonly monotonicMs: number;
  readonly setters: ((draft: Draft) => void)[];
}

/** The newest row of each source at a moment, of those that do not tell of read calls themselves. */
class Companions {
  readonly #sources: Row[][];
  readonly #next: number[];

  constructor(windows: readonly SourceWindow[]) {
    const bySource = Map.groupBy(windows, ({ source }) => source).values();
    this.#sources = bySource.map((windows) => windows.flatMap(rowsOf)).toArray();
    this.#next = this.#sources.map(() => 0);
  }

  /** Asked for one moment after the other. */
  at(monotonicMs: number): readonly Row[] {
    return this.#sources.flatMap((rows, source) => {
      while ((rows[this.#next[source]!]?.monotonicMs ?? Infinity) <= monotonicMs) this.#next[source]!++;
      return rows[this.#next[source]! - 1] ?? [];
    });
  }
}

/**
 * Reads windows. What other sources say of the target at the same time, such as who it is, belongs to a reading too.
 *
 * @param windows what a Flight Recorder gave back, one life of the target after the other
 * @returns a reading for each time at which something was recorded of read calls, in the order of recording; none if
 * no source tells of read calls
 */
export function readingsOf(windows: readonly SourceWindow[]): readonly Reading[] {
  const { told = [], others = [] } = Object.groupBy(windows, (one) => isTold(one) ? "told" : "others");
  const companions = new Companions(others);
  return told.flatMap((window) =>
    rowsOf(window).map((row, index) => {
      const draft = draftOf({ timeMs: window.timesMs[index]!, monotonicMs: row.monotonicMs });
      for (const { setters } of [...companions.at(row.monotonicMs), row]) {
        for (const set of setters) set(draft);
      }
      return draft;
    })
  );
}

/**
 * Reads a sample set.
 *
 * @param set what one source measured
 * @param companions what others say of the target at this time
 * @returns undefined if the set does not tell of read calls
 */
export function readingOf(
  { samples, ...moment }: SampleSet,
  companions: Iterable<SampleSet> = [],
): Reading | undefined {
  if (!samples.some(({ family }) => callOf(family.name) !== undefined)) return undefined;
  const draft = draftOf(moment);
  for (const companion of companions) takeSamples(draft, companion.samples);
  takeSamples(draft, samples);
  return draft;
}

function takeSamples(draft: Draft, samples: readonly Sample[]): void {
  for (const sample of samples) {
    const values = valuesOf(sample);
    for (const [index, series] of seriesOf(sample).entries()) setterOf(series)?.(draft, values[index]!);
  }
}

/** True if any of the timed calls was measured. */
export function hasCalls({ calls }: Reading): boolean {
  return CALLS.some((call) => calls[call] !== undefined);
}

/** The reading, with whom it is of from the one before while that is not known: a target that has ended returns. */
export function carriedOn(before: Reading | undefined, reading: Reading): Reading {
  if (before === undefined) return reading;
  return { ...reading, cgroup: reading.cgroup ?? before.cgroup, pid: reading.pid ?? before.pid };
}
