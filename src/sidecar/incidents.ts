/** Incidents: what is said of them, and what is kept aside of their first minutes. @module */
import {
  endsOf,
  explainRecording,
  type Explanation,
  type IncidentEvent,
  readingOf,
  type TargetEnd,
  type Thresholds,
  Watch,
  withEnds,
} from "../diagnosis/mod.ts";
import {
  isCrash,
  type Life,
  type LifeEnd,
  type Moment,
  type Recording,
  type SampleSet,
  type SampleSink,
  type TimeRange,
} from "../metrics/mod.ts";
import { type FlightRecorder, recordingText } from "../recorder/mod.ts";
import type { Logger } from "./log/log.ts";

/** More would push out nothing that anybody has looked at, and cost memory for as long as the agent runs. */
const MOST_KEPT = 8;

/** Ends that `/explain` tells of. */
const MOST_ENDS = 16;

/** Bytes of all windows that are kept: a window of 600 rows takes half a megabyte. */
const MOST_BYTES = 4 * 2 ** 20;

/** Rows of a window, and how many of them may be from before the incident. */
const MOST_ROWS = 600;
const ROWS_BEFORE = MOST_ROWS / 2;

/** Time before an incident that is kept, if the rows suffice. */
const BEFORE_MS = 600_000;

/** A target that crashes again within this time crashes in a loop: the window of the first time is kept. */
const LOOP_MS = 600_000;

/** For how long `/explain` tells of an end. */
const TOLD_MS = 900_000;

/** An incident as `/incidents` lists it. */
export interface Incident {
  readonly number: number;
  /** Slower reads, or the target's end. */
  readonly kind: "latency" | "end";
  /** How often the target ended again in the minutes after this end; 0 of slower reads. */
  readonly repeats: number;
  /** ISO 8601, UTC; the end is null while it lasts. */
  readonly since: string;
  readonly until: string | null;
  /** Why it is over, null while it lasts. */
  readonly ended: string | null;
  /** What was said of it last. */
  readonly explanation: Explanation;
  /** Where its window is, a dump of the Flight Recorder; null if it was too large, or had to make room. */
  readonly window: string | null;
}

interface Kept {
  readonly number: number;
  readonly kind: Incident["kind"];
  /** How the target ended; empty of slower reads. */
  readonly how: string;
  repeats: number;
  /** Of the monotonic clock; the wall clock shows so much more. */
  readonly sinceMs: number;
  readonly wallOffsetMs: number;
  untilMs: number | undefined;
  ended: string | null;
  explanation: Explanation;
  /** The text of a dump. */
  window: Uint8Array<ArrayBuffer> | undefined;
}

/** What incidents need of the agent around them. */
export interface IncidentOptions {
  readonly recorder: Pick<FlightRecorder, "recording" | "lives">;
  readonly log: Logger;
  /** The numbers that decide, at the moment. */
  readonly thresholds: () => Thresholds;
  /** Milliseconds between two collections, at the moment. */
  readonly intervalMs: () => number;
}

/** Ends of one kind, such as by one signal, are a loop if they follow each other. */
function kindOf({ how, status, signal }: LifeEnd): string {
  return `${how} ${signal ?? status}`;
}

/** Looks at every sample set, says when an incident begins, changes and ends, and keeps its window. */
export class Incidents implements SampleSink {
  readonly #options: IncidentOptions;
  readonly #watch: Watch;
  readonly #kept: Kept[] = [];
  /** The one that goes on, if reads are slow. */
  #open: Kept | undefined;
  #ends: { readonly monotonicMs: number; readonly told: TargetEnd }[] = [];
  /** The newest set of each source: what one says of the target, others need not repeat. */
  readonly #newest = new Map<string, SampleSet>();
  /** The newest time that a collection had. */
  #nowMs = -Infinity;
  #count = 0;

  /** @param options what it needs */
  constructor(options: IncidentOptions) {
    this.#options = options;
    this.#watch = new Watch(options.thresholds);
    this.#takeOver();
  }

  /** Takes the newest crash that an earlier agent recorded, with its window. */
  #takeOver(): void {
    const ended = this.#options.recorder.lives.flatMap(({ end, ...life }) => end ? [{ ...life, end }] : []);
    const crash = ended.findLast(({ end }) => isCrash(end));
    if (crash !== undefined) this.#end(crash);
  }

  /** Takes one sample set, which the recorder has already. */
  record(set: SampleSet): void {
    this.#nowMs = set.monotonicMs;
    this.#newest.set(set.source, set);
    if (!this.#watch.isDue(set.monotonicMs)) return;
    const reading = readingOf(set, this.#newest.values().filter(({ source }) => source !== set.source));
    if (reading === undefined) return;
    const event = this.#watch.add(reading);
    if (event !== undefined) this.#tell(event, set);
  }

  /** Takes the end of the target, which the recorder has already; a crash is kept as an incident is. */
  targetEnded(end: LifeEnd): void {
    const life = this.#options.recorder.lives.at(-1);
    if (life !== undefined) this.#end({ ...life, end });
  }

  #end(life: Life & { readonly end: LifeEnd }): void {
    const { end } = life;
    if (end.how === "unwatched") return;
    const first = this.#kept.findLast(({ how }) => how === kindOf(end));
    const isLoop = first !== undefined && end.monotonicMs - (first.untilMs ?? first.sinceMs) < LOOP_MS;
    const range = this.#rangeAround(end.monotonicMs, this.#lastRowMs(life));
    // Of an end in a loop only what its entry needs.
    const fromMs = isLoop ? Math.max(range.fromMs, life.begin.monotonicMs) : range.fromMs;
    const recording = this.#options.recorder.recording({ ...range, fromMs });
    const told = endsOf(recording).filter(({ life: number }) => number === life.number);
    this.#ends.push(...told.map((one) => ({ monotonicMs: end.monotonicMs, told: one })));
    this.#ends = this.#ends.filter(({ monotonicMs }) => end.monotonicMs - monotonicMs < TOLD_MS)
      .slice(-MOST_ENDS);
    if (!isCrash(end)) return;
    if (isLoop) {
      first.repeats++;
      first.untilMs = end.monotonicMs;
      return;
    }
    const explanation = explainRecording(recording, this.#options.thresholds());
    const kept = this.#add(kindOf(end), end.monotonicMs, explanation, end);
    kept.untilMs = end.monotonicMs;
    kept.ended = told[0]?.text ?? null;
    this.#keep(kept, recording);
  }

  /** When a life's last row was read, which is after the kernel saw the end; the end if there is no such row. */
  #lastRowMs({ number, end: { monotonicMs } }: Life & { readonly end: LifeEnd }): number {
    const after = this.#options.recorder.recording({
      ...this.#rangeAround(monotonicMs, Infinity),
      fromMs: monotonicMs,
    });
    const times = after.windows.filter(({ life }) => life === number).flatMap((window) => window.monotonicMs);
    return times.reduce((last, time) => Math.max(last, time), monotonicMs);
  }

  /** What goes on at the moment, after the ends of the target in the minutes before. */
  explain(): Explanation {
    const ends = this.#ends.filter(({ monotonicMs }) => this.#nowMs - monotonicMs < TOLD_MS);
    const isGone = this.#options.recorder.lives.at(-1)?.end !== undefined;
    return withEnds(this.#watch.explain(), ends.map(({ told }) => told), isGone ? "before the end" : "now");
  }

  /** The incidents that are kept, the oldest first. */
  list(): Incident[] {
    return this.#kept.map(({ number, kind, repeats, ended, explanation, window, ...times }) => ({
      number,
      kind,
      repeats,
      since: new Date(times.sinceMs + times.wallOffsetMs).toISOString(),
      until: times.untilMs === undefined ? null : new Date(times.untilMs + times.wallOffsetMs).toISOString(),
      ended,
      explanation,
      window: window === undefined ? null : `/incidents/${number}`,
    }));
  }

  /** The text of an incident's dump; undefined if there is none. */
  window(number: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#kept.find((kept) => kept.number === number)?.window;
  }

  #tell(event: IncidentEvent, now: Moment): void {
    const { log } = this.#options;
    const open = this.#open;
    switch (event.kind) {
      case "begins":
        log.warn(
          "An incident has begun",
          this.#properties(this.#begin(event.sinceMs, event.explanation, now)),
        );
        return;
      case "changes":
        open!.explanation = event.explanation;
        log.warn("The incident has another cause", { ...this.#properties(open!), before: event.from });
        return;
      case "ends":
        open!.untilMs = event.untilMs;
        open!.ended = event.why;
        this.#open = undefined;
        this.#keepWindow(open!, now.monotonicMs);
        log.warn("The incident has ended", { ...this.#properties(open!), why: event.why });
    }
  }

  #properties({ number, explanation: { workload, title, summary, confidence } }: Kept) {
    return { number, workload, title, summary, confidence: confidence.level };
  }

  #begin(sinceMs: number, explanation: Explanation, now: Moment): Kept {
    this.#open = this.#add("", sinceMs, explanation, now);
    this.#keepWindow(this.#open, now.monotonicMs);
    return this.#open;
  }

  #add(how: string, sinceMs: number, explanation: Explanation, now: Moment): Kept {
    const kept: Kept = {
      number: ++this.#count,
      kind: how === "" ? "latency" : "end",
      how,
      repeats: 0,
      sinceMs,
      wallOffsetMs: now.timeMs - now.monotonicMs,
      untilMs: undefined,
      ended: null,
      explanation,
      window: undefined,
    };
    this.#kept.push(kept);
    this.#kept.splice(0, this.#kept.length - MOST_KEPT);
    return kept;
  }

  /** The time around an incident, as much of it as is kept. */
  #rangeAround(sinceMs: number, nowMs: number): Required<TimeRange> {
    const intervalMs = this.#options.intervalMs();
    const fromMs = sinceMs - Math.min(BEFORE_MS, ROWS_BEFORE * intervalMs);
    return { clock: "monotonicMs", fromMs, toMs: Math.min(nowMs, fromMs + MOST_ROWS * intervalMs) };
  }

  #keepWindow(kept: Kept, nowMs: number): void {
    this.#keep(kept, this.#options.recorder.recording(this.#rangeAround(kept.sinceMs, nowMs)));
  }

  /** Keeps what the recorder has of the time around an incident; what was kept of older ones makes room. */
  #keep(kept: Kept, recording: Recording): void {
    const bytes = new TextEncoder().encode(recordingText(recording));
    kept.window = bytes.length <= MOST_BYTES ? bytes : undefined;
    for (const older of this.#kept) {
      if (this.#bytes() <= MOST_BYTES) return;
      if (older !== kept) older.window = undefined;
    }
  }

  #bytes(): number {
    return this.#kept.reduce((sum, { window }) => sum + (window?.length ?? 0), 0);
  }
}
