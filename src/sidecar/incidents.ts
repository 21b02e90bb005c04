/** Incidents: what is said of them, and what is kept aside of their first minutes. @module */
import { type Explanation, type IncidentEvent, readingOf, type Thresholds, Watch } from "../diagnosis/mod.ts";
import type { SampleSet, SampleSink } from "../metrics/mod.ts";
import type { FlightRecorder } from "../recorder/mod.ts";
import type { Logger } from "./log.ts";

/** More would push out nothing that anybody has looked at, and cost memory for as long as the agent runs. */
const MOST_KEPT = 8;

/** Bytes of all windows that are kept: a window of 600 rows takes half a megabyte. */
const MOST_BYTES = 4 * 2 ** 20;

/** Rows of a window, and how many of them may be from before the incident. */
const MOST_ROWS = 600;
const ROWS_BEFORE = MOST_ROWS / 2;

/** Time before an incident that is kept, if the rows suffice. */
const BEFORE_MS = 600_000;

/** An incident as `/incidents` lists it. */
export interface Incident {
  readonly number: number;
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
  readonly sinceMs: number;
  untilMs: number | undefined;
  ended: string | null;
  explanation: Explanation;
  /** The text of a dump. */
  window: Uint8Array<ArrayBuffer> | undefined;
}

/** What incidents need of the agent around them. */
export interface IncidentOptions {
  readonly recorder: Pick<FlightRecorder, "dump">;
  readonly log: Logger;
  /** The numbers that decide, at the moment. */
  readonly thresholds: () => Thresholds;
  /** Milliseconds between two collections, at the moment. */
  readonly intervalMs: () => number;
}

/** Looks at every sample set, says when an incident begins, changes and ends, and keeps its window. */
export class Incidents implements SampleSink {
  readonly #options: IncidentOptions;
  readonly #watch: Watch;
  readonly #kept: Kept[] = [];
  #count = 0;

  /** @param options what it needs */
  constructor(options: IncidentOptions) {
    this.#options = options;
    this.#watch = new Watch(options.thresholds);
  }

  /** Takes one sample set, which the recorder has already. */
  record(set: SampleSet): void {
    if (!this.#watch.isDue(set.timeMs)) return;
    const reading = readingOf(set);
    if (reading === undefined) return;
    const event = this.#watch.add(reading);
    if (event !== undefined) this.#tell(event, set.timeMs);
  }

  /** What goes on at the moment. */
  explain(): Explanation {
    return this.#watch.explain();
  }

  /** The incidents that are kept, the oldest first. */
  list(): Incident[] {
    return this.#kept.map(({ number, sinceMs, untilMs, ended, explanation, window }) => ({
      number,
      since: new Date(sinceMs).toISOString(),
      until: untilMs === undefined ? null : new Date(untilMs).toISOString(),
      ended,
      explanation,
      window: window === undefined ? null : `/incidents/${number}`,
    }));
  }

  /** The text of an incident's dump; undefined if there is none. */
  window(number: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#kept.find((kept) => kept.number === number)?.window;
  }

  #tell(event: IncidentEvent, nowMs: number): void {
    const { log } = this.#options;
    const open = this.#kept.at(-1);
    switch (event.kind) {
      case "begins":
        log.warn(
          "An incident has begun",
          this.#properties(this.#begin(event.sinceMs, event.explanation, nowMs)),
        );
        return;
      case "changes":
        open!.explanation = event.explanation;
        log.warn("The incident has another cause", { ...this.#properties(open!), before: event.from });
        return;
      case "ends":
        open!.untilMs = event.untilMs;
        open!.ended = event.why;
        this.#keepWindow(open!, nowMs);
        log.warn("The incident has ended", { ...this.#properties(open!), why: event.why });
    }
  }

  #properties({ number, explanation: { workload, title, summary, confidence } }: Kept) {
    return { number, workload, title, summary, confidence: confidence.level };
  }

  #begin(sinceMs: number, explanation: Explanation, nowMs: number): Kept {
    const kept: Kept = {
      number: ++this.#count,
      sinceMs,
      untilMs: undefined,
      ended: null,
      explanation,
      window: undefined,
    };
    this.#kept.push(kept);
    this.#kept.splice(0, this.#kept.length - MOST_KEPT);
    this.#keepWindow(kept, nowMs);
    return kept;
  }

  /** Keeps what the recorder has of the time around an incident; what was kept of older ones makes room. */
  #keepWindow(kept: Kept, nowMs: number): void {
    const intervalMs = this.#options.intervalMs();
    const fromMs = kept.sinceMs - Math.min(BEFORE_MS, ROWS_BEFORE * intervalMs);
    const toMs = Math.min(nowMs, fromMs + MOST_ROWS * intervalMs);
    const text = JSON.stringify(this.#options.recorder.dump({ fromMs, toMs }));
    const bytes = new TextEncoder().encode(text);
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
