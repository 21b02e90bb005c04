/** What a recorder wants to outlive the agent, on its way into a file. @module */
import type { Life, SampleSet } from "../../metrics/mod.ts";
import { pointsOf } from "../point.ts";
import { END_BYTES } from "./format.ts";
import { newestCrash, overwriteOrder, type RowSpan } from "./kept.ts";
import type { NewestSegment } from "./recovery.ts";
import { emptySegment, type HistoryRow, SegmentWriter, type Session } from "./segment_writer.ts";
import { lifeText, repeatedLives, type StoredLife } from "./stored_life.ts";

/** What a recorder wants to outlive the agent. Nothing here throws for what happens to the file. */
export interface RecordLog extends Disposable {
  /**
   * One row of one source. It outlives the process from the return of this call on.
   *
   * @throws {RangeError} if a value does not fit in 64 bits
   */
  row(set: SampleSet): void;
  /**
   * A life begins, or its target is known better by now.
   *
   * @param life its number is above those of all that were recovered
   * @param sources those whose rows, also the ones before, belong to it until they restart
   */
  lifeBegins(life: Life, sources: readonly string[]): void;
  /** A life has ended. */
  lifeEnds(life: Life): void;
  /**
   * Counters of a source start from zero: rows that follow belong to another history.
   *
   * @param source whose
   * @param life the number of the life that the rows before belong to; undefined for that which began last
   */
  restarts(source: string, life: number | undefined): void;
  /** Rows that the file never got, since the start: for lack of space, or larger than a segment. */
  readonly rowsLost: number;
}

/** Where a log tells of trouble. */
export interface Reporter {
  info(message: string, properties?: Readonly<Record<string, unknown>>): void;
  warn(message: string, properties?: Readonly<Record<string, unknown>>): void;
}

/** Where segments go. */
export interface SegmentSink {
  /** What became of the file: without its size it has lost what was in it, without its name the next agent finds none. */
  state(): "intact" | "truncated" | "removed";
  /**
   * Gives the file its size again.
   *
   * @throws {Error} if the kernel refuses
   */
  restore(): void;
  /**
   * Writes a part of a segment.
   *
   * @throws {Error} if the kernel refuses
   */
  write(slot: number, offset: number, bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** What a log goes on from. */
export interface LogStart {
  readonly session: Session;
  readonly lives: readonly StoredLife[];
  /** Slots without a segment, then from the oldest on. */
  readonly slots: readonly number[];
  /** When the rows in each slot were recorded. */
  readonly spans: ReadonlyMap<number, readonly RowSpan[]>;
  /** The newest segment, to go on in it; undefined if there is none. */
  readonly newest: NewestSegment | undefined;
  readonly nextSequence: number;
}

/** A history that goes on. */
interface OpenHistory {
  /** Its number in this run. */
  readonly number: number;
  life: number | undefined;
}

/**
 * Writes rows into segments, one after the other and round again. It goes on in the newest one of the agent before:
 * an agent that is started again and again would overwrite all others with next to nothing. Segments with the minutes
 * before the newest crash are overwritten last.
 */
export class SegmentLog implements RecordLog {
  readonly #sink: SegmentSink;
  readonly #report: Reporter;
  readonly #session: Session;
  /** All slots but that of the newest segment, the oldest first. */
  #others: readonly number[];
  #slot: number;
  readonly #spans: Map<number, readonly RowSpan[]>;
  readonly #lives: Map<number, StoredLife>;
  #crash: StoredLife | undefined;
  /** Histories that go on, by source. */
  readonly #histories = new Map<string, OpenHistory>();
  /** The series of a row that did not fit into an empty segment, by source: to try again would cost a segment. */
  readonly #tooLarge = new Map<string, number>();
  #nextHistory = 1;
  #sequence: number;
  #segment: SegmentWriter;
  /** When this agent recorded the rows of the segment. */
  #firstMs = Infinity;
  #lastMs = -Infinity;
  /** Bytes of the segment that the file has. */
  #written = 0;
  /** Rows of the segment that the file does not have yet. */
  #waiting = 0;
  #isFailing = false;
  #isRemoved = false;
  #rowsLost = 0;

  /**
   * Begins; nothing is written yet.
   *
   * @param sink where segments go
   * @param start what to go on from
   * @param report where to tell of trouble
   */
  constructor(
    sink: SegmentSink,
    { session, lives, slots, spans, newest, nextSequence }: LogStart,
    report: Reporter,
  ) {
    this.#sink = sink;
    this.#report = report;
    this.#session = session;
    this.#spans = new Map(spans);
    this.#lives = new Map(lives.map((stored) => [stored.life.number, stored]));
    this.#crash = newestCrash(lives);
    this.#sequence = nextSequence;
    this.#slot = newest?.slot ?? slots[0]!;
    this.#others = slots.filter((slot) => slot !== this.#slot);
    this.#segment = newest === undefined ? this.#begin() : this.#goOn(newest);
  }

  get rowsLost(): number {
    return this.#rowsLost;
  }

  row(set: SampleSet): void {
    const { source, timeMs, monotonicMs } = set;
    const points = pointsOf(set.samples);
    const { number: history, life } = this.#history(source);
    const row: HistoryRow = { history, source, life, timeMs, monotonicMs, points };
    if (points.length >= (this.#tooLarge.get(source) ?? Infinity)) {
      this.#rowsLost++;
      return;
    }
    if (this.#add((segment) => segment.row(row))) {
      this.#waiting++;
      this.#widen(monotonicMs);
    } else {
      this.#rowsLost++;
      this.#tooLarge.set(source, points.length);
      this.#report.warn("Row too large for the recorder file; it loses rows of this size", {
        source,
        series: points.length,
      });
    }
    this.#flush();
  }

  lifeBegins(life: Life, sources: readonly string[]): void {
    for (const source of sources) {
      const history = this.#history(source);
      history.life = life.number;
      this.#add((segment) => segment.belongs(history.number, life.number));
    }
    this.#life(life);
  }

  lifeEnds(life: Life): void {
    this.#life(life);
  }

  restarts(source: string, life: number | undefined): void {
    const history = this.#histories.get(source);
    if (history === undefined) return;
    this.#histories.delete(source);
    this.#add((segment) => segment.closed(history.number, life ?? history.life));
    this.#flush();
  }

  [Symbol.dispose](): void {
    this.#sink.close();
  }

  #history(source: string): OpenHistory {
    return this.#histories.getOrInsertComputed(
      source,
      () => ({ number: this.#nextHistory++, life: undefined }),
    );
  }

  #life(life: Life): void {
    const stored = { ...this.#session, life };
    this.#lives.set(life.number, stored);
    this.#crash = newestCrash([...this.#crash ? [this.#crash] : [], stored]);
    const kept = repeatedLives(this.#lives.values());
    for (const number of this.#lives.keys()) {
      if (number < kept[0]!.life.number) this.#lives.delete(number);
    }
    this.#add((segment) => segment.life(stored));
    this.#flush();
  }

  /** Lives that each segment has: the newest ones, and that of the crash whose rows are kept. */
  #repeated(): StoredLife[] {
    const newest = repeatedLives(this.#lives.values());
    const isMissing = this.#crash !== undefined &&
      newest.every(({ life }) => life.number !== this.#crash?.life.number);
    return isMissing ? [this.#crash!, ...newest] : newest;
  }

  #begin(bytes?: Uint8Array<ArrayBuffer>): SegmentWriter {
    this.#written = 0;
    this.#waiting = 0;
    this.#spans.set(this.#slot, []);
    [this.#firstMs, this.#lastMs] = [Infinity, -Infinity];
    return new SegmentWriter(emptySegment(this.#sequence++, bytes), this.#session, this.#repeated());
  }

  /** Goes on in a segment, with what has become of the lives since. */
  #goOn({ place, lives }: NewestSegment): SegmentWriter {
    this.#written = place.used;
    const there = new Map(lives.map((stored) => [stored.life.number, lifeText(stored)]));
    const changed = this.#repeated().filter((stored) => there.get(stored.life.number) !== lifeText(stored));
    return new SegmentWriter(place, this.#session, changed);
  }

  /** Takes the slot that is to be overwritten next. */
  #advance(): void {
    const { bootId } = this.#session;
    const own = { bootId, firstMs: this.#firstMs, lastMs: this.#lastMs };
    this.#spans.set(this.#slot, [...this.#spans.get(this.#slot) ?? [], own]);
    const slots = [...this.#others, this.#slot];
    this.#slot = overwriteOrder(slots, this.#spans, this.#crash)[0]!;
    this.#others = slots.filter((slot) => slot !== this.#slot);
  }

  /** Notes when a row of the newest segment was recorded. */
  #widen(monotonicMs: number): void {
    this.#firstMs = Math.min(this.#firstMs, monotonicMs);
    this.#lastMs = Math.max(this.#lastMs, monotonicMs);
  }

  /** Adds something to this segment, or to the next one if it finds no room. */
  #add(add: (segment: SegmentWriter) => boolean): boolean {
    if (add(this.#segment)) return true;
    this.#rowsLost += this.#waiting;
    // What is not in the file makes room for what comes, and not an older segment.
    if (this.#written > 0) this.#advance();
    this.#segment = this.#begin(this.#segment.bytes);
    return add(this.#segment);
  }

  /** Brings the file to the state of this segment. Nothing is lost if it fails: the next call tries it again. */
  #flush(): void {
    try {
      const state = this.#sink.state();
      if (state === "removed" && !this.#isRemoved) {
        this.#isRemoved = true;
        this.#report.warn(
          "Recorder file removed or renamed; if the agent dies now, the history is lost; restart it",
        );
      }
      if (state === "truncated") {
        this.#written = 0;
        this.#sink.restore();
        this.#report.warn("Recorder file truncated externally; earlier rows lost, recording goes on");
      }
      const { bytes, used } = this.#segment;
      this.#sink.write(
        this.#slot,
        this.#written,
        bytes.subarray(this.#written, used + END_BYTES),
      );
      this.#written = used;
      this.#waiting = 0;
      if (this.#isFailing) {
        this.#report.info("Recorder file is written again", { rows_lost: this.#rowsLost });
      }
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) {
        this.#report.warn(
          "Recorder file cannot be written; if the agent dies now, rows are lost. Free space for it",
          {
            error,
          },
        );
      }
      this.#isFailing = true;
    }
  }
}
