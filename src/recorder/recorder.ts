/**
 * The Flight Recorder: recent history in memory.
 *
 * @module
 */
import {
  isCrash,
  type Life,
  type LifeEnd,
  type LifeTarget,
  type Moment,
  type Recording,
  type SampleSet,
  type SampleSink,
  type SourceWindow,
  type TimeRange,
} from "../metrics/mod.ts";
import type { RecorderDump } from "./dump.ts";
import { sourceOfHistory } from "./dump_source.ts";
import { dumpRecording, dumpText } from "./dump_text.ts";
import { History } from "./history.ts";
import { KEPT_BEFORE_END_MS, KEPT_SHARE } from "./kept_longest.ts";
import type { RecorderFile, Recovered } from "./file/mod.ts";
import { type Point, pointsOf } from "./point.ts";

/** How a recorder is set up. */
export interface FlightRecorderOptions {
  /** Bytes that the history may take. */
  readonly memoryLimit: number;
  /** A file that outlives the process, with what earlier ones left in it. */
  readonly file?: RecorderFile | undefined;
}

/** The history of a source while one life of the target lasted. */
interface Chapter {
  readonly source: string;
  /** Absent before the target was found, and of what does not depend on the target. */
  life: number | undefined;
  readonly history: History;
}

/** Lives that are listed; the rows of the oldest ones have been dropped long before. */
const MOST_LIVES = 256;

/**
 * Keeps the newest sample set of each source, and as much history as its memory limit allows.
 *
 * The history has a ring of timestamps for each source and a ring of 64-bit values for each series: metric
 * and labels; a histogram is one series for each bucket and one for its sum. A series that a sample set
 * lacks has a gap there. Rings grow as they are filled; at the limit the oldest rows go, those of all
 * sources alike, but the minutes before the newest crash of the target last. If not even the newest rows fit, there is
 * no history.
 *
 * When a life of the target ends, the rings of the sources that tell of it are closed and kept; new ones begin.
 */
export class FlightRecorder implements SampleSink {
  readonly #memoryLimit: number;
  readonly #file: RecorderFile["log"] | undefined;
  readonly #latest = new Map<string, SampleSet>();
  /** Of lives that have ended, the oldest first. */
  #closed: Chapter[] = [];
  readonly #open = new Map<string, Chapter>();
  readonly #lives: Life[] = [];
  #livesBegun = 0;

  /**
   * Makes an empty recorder.
   *
   * @param options how it is set up
   * @throws {RangeError} if the memory limit is not a positive integer
   */
  constructor({ memoryLimit, file }: FlightRecorderOptions) {
    if (!Number.isSafeInteger(memoryLimit) || memoryLimit <= 0) {
      throw new RangeError(`Cannot record into ${memoryLimit} bytes: the limit must be a positive integer`);
    }
    this.#memoryLimit = memoryLimit;
    if (file?.recovered !== undefined) this.#takeOver(file.recovered);
    this.#file = file?.log;
  }

  /** The size of the buffers that hold the history; never more than the memory limit. */
  get byteLength(): number {
    return this.#chapters().reduce((sum, { history }) => sum + history.byteLength, 0);
  }

  /** The lives of the target, the oldest first; of very many, the newest. */
  get lives(): readonly Life[] {
    return this.#lives;
  }

  /**
   * Takes one sample set.
   *
   * @param set what one source measured at one moment
   * @throws {RangeError} if a value does not fit in 64 bits or a time is not a number; nothing of the set
   * is recorded then
   */
  record(set: SampleSet): void {
    const points = pointsOf(set.samples);
    if (!Number.isFinite(set.timeMs) || !Number.isFinite(set.monotonicMs)) {
      throw new RangeError(`Cannot record ${set.source}: its time is not a number`);
    }
    this.#latest.set(set.source, set);
    this.#file?.row(set);
    const { history } = this.#open.getOrInsertComputed(
      set.source,
      (source) => ({ source, life: undefined, history: new History() }),
    );
    this.#append(history, set, points);
  }

  /** Appends a row, for which older ones may have to go; without room for it there is no history. */
  #append(history: History, moment: Moment, points: readonly Point[]): void {
    // The sum over all blocks takes longer than most rows, which need no memory, and a file has thousands of rows.
    const isTooMuch = (growth: number) => growth > 0 && this.byteLength + growth > this.#memoryLimit;
    while (isTooMuch(history.growth(points))) {
      if (!this.#dropOldest()) return;
    }
    history.append(moment, points);
  }

  /** Takes what earlier processes left for closed lives; those of this one are numbered on. */
  #takeOver({ lives, histories }: Recovered): void {
    this.#lives.push(...lives.slice(-MOST_LIVES));
    this.#livesBegun = lives.at(-1)?.number ?? 0;
    for (const { source, life, rows } of histories) {
      const history = new History();
      this.#closed.push({ source, life, history });
      for (const { points, ...moment } of rows) this.#append(history, moment, points);
      history.close();
    }
    this.#closed = this.#closed.filter(({ history }) => !history.isEmpty);
  }

  /**
   * Begins a life of the target or, if one lasts, says what is known of the target by now.
   *
   * @param target what is watched from now on
   * @param begin this moment
   * @param sources those that tell of it
   */
  beginLife(target: LifeTarget, begin: Moment, sources: readonly string[]): void {
    const lasting = this.#lives.at(-1);
    if (lasting !== undefined && lasting.end === undefined) {
      const life = { ...lasting, target };
      this.#lives.splice(-1, 1, life);
      this.#file?.lifeBegins(life, sources);
      return;
    }
    const number = ++this.#livesBegun;
    const life = { number, target, begin };
    this.#lives.push(life);
    this.#lives.splice(0, this.#lives.length - MOST_LIVES);
    this.#file?.lifeBegins(life, sources);
    for (const source of sources) {
      const chapter = this.#open.getOrInsertComputed(
        source,
        () => ({ source, life: number, history: new History() }),
      );
      chapter.life = number;
    }
  }

  /**
   * Ends the life that lasts, if one does, and closes its rings.
   *
   * @param end when and how
   * @param sources those that tell of it
   */
  endLife(end: LifeEnd, sources: readonly string[]): void {
    const life = this.#lives.at(-1);
    if (life === undefined || life.end !== undefined) return;
    // The kernel may have seen the end before the beginning was noted.
    const monotonicMs = Math.max(end.monotonicMs, life.begin.monotonicMs);
    const ended = { ...life, end: { ...end, monotonicMs } };
    this.#lives.splice(-1, 1, ended);
    this.#file?.lifeEnds(ended);
    sources.forEach((source) => this.#close(source));
  }

  /**
   * Forgets the newest values of a source, whose counters start from zero. Its history stays.
   *
   * @param source which source
   */
  restart(source: string): void {
    this.#latest.delete(source);
    this.#close(source);
  }

  /**
   * The newest sample set of each source, whatever its age.
   *
   * @param source only this one
   * @returns the sets in the order in which their sources appeared
   */
  latest(source?: string): readonly SampleSet[] {
    return this.#latest.values().filter((set) => source === undefined || set.source === source).toArray();
  }

  /**
   * Reads a period back. All values of the period are copied, at a multiple of the memory that the rings
   * need for them.
   *
   * @param range the period; everything unless given
   * @returns one window for each source and life, those of lives that have ended first
   */
  window(range: TimeRange = {}): readonly SourceWindow[] {
    return this.#chapters().map(({ source, life, history }) => ({
      source,
      ...life !== undefined && { life },
      ...history.window(range),
    }));
  }

  /**
   * Reads a period back with the lives of the target.
   *
   * @param range the period; everything unless given
   */
  recording(range: TimeRange = {}): Recording {
    return { lives: [...this.#lives], windows: this.window(range) };
  }

  /**
   * Reads a period back as a value for `JSON.stringify`; costs even more memory than `window`.
   *
   * @param range the period; everything unless given
   * @returns integers as decimal strings, gaps as null
   */
  dump(range: TimeRange = {}): RecorderDump {
    return dumpRecording(this.recording(range));
  }

  /**
   * Reads a period back as the JSON text of `dump`, bit by bit: recording goes on at the same time, and what it drops
   * for its memory limit comes on top of that until the text has ended, or is given up by `return()`.
   *
   * @param range the period; everything unless given
   * @returns pieces of what was there when the first one was asked for
   */
  *dumpText(range: TimeRange = {}): Generator<string> {
    using held = new DisposableStack();
    const sources = this.#chapters()
      .map(({ source, life, history }) =>
        sourceOfHistory({ source, life, blocks: held.use(history.hold()).blocks }, range)
      );
    yield* dumpText([...this.#lives], sources);
  }

  #chapters(): readonly Chapter[] {
    return [...this.#closed, ...this.#open.values()];
  }

  #close(source: string): void {
    const chapter = this.#open.get(source);
    if (chapter === undefined) return;
    this.#open.delete(source);
    this.#file?.restarts(source, chapter.life);
    chapter.history.close();
    if (!chapter.history.isEmpty) this.#closed.push(chapter);
  }

  /** Whether the oldest rows of a chapter are from right before a crash, and not too many. */
  #isKept({ life, history }: Chapter, crash: Life | undefined): boolean {
    return crash?.end !== undefined && life === crash.number &&
      (history.oldestEndMs ?? -Infinity) >= crash.end.monotonicMs - KEPT_BEFORE_END_MS &&
      history.byteLength <= this.#memoryLimit * KEPT_SHARE;
  }

  /** Drops the oldest block, unless there is none; those that are kept longest go last. */
  #dropOldest(): boolean {
    const filled = this.#chapters().filter(({ history }) => !history.isEmpty);
    const crash = this.#lives.findLast(({ end }) => end !== undefined && isCrash(end));
    const candidates = filled.filter((chapter) => !this.#isKept(chapter, crash));
    const [first, ...others] = candidates.length > 0 ? candidates : filled;
    if (first === undefined) return false;
    const oldest = others.reduce((a, b) => b.history.oldestMs! < a.history.oldestMs! ? b : a, first);
    oldest.history.dropOldest();
    this.#closed = this.#closed.filter(({ history }) => !history.isEmpty);
    return true;
  }
}
