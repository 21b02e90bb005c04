/**
 * The Flight Recorder: recent history in memory.
 *
 * @module
 */
import type { SampleSet, SampleSink, SourceWindow, TimeRange } from "../metrics/mod.ts";
import { dumpWindows, type RecorderDump } from "./dump.ts";
import { dumpText } from "./dump_text.ts";
import { History } from "./history.ts";
import { pointsOf } from "./point.ts";

/** How a recorder is set up. */
export interface FlightRecorderOptions {
  /** Bytes that the history may take. */
  readonly memoryLimit: number;
}

/**
 * Keeps the newest sample set of each source, and as much history as its memory limit allows.
 *
 * The history has a ring of timestamps for each source and a ring of 64-bit values for each series: metric
 * and labels; a histogram is one series for each bucket and one for its sum. A series that a sample set
 * lacks has a gap there. Rings grow as they are filled; at the limit the oldest rows go, those of all
 * sources alike. If not even the newest rows fit, there is no history.
 */
export class FlightRecorder implements SampleSink {
  readonly #memoryLimit: number;
  readonly #latest = new Map<string, SampleSet>();
  readonly #histories = new Map<string, History>();

  /**
   * Makes an empty recorder.
   *
   * @param options how it is set up
   * @throws {RangeError} if the memory limit is not a positive integer
   */
  constructor({ memoryLimit }: FlightRecorderOptions) {
    if (!Number.isSafeInteger(memoryLimit) || memoryLimit <= 0) {
      throw new RangeError(`Cannot record into ${memoryLimit} bytes: the limit must be a positive integer`);
    }
    this.#memoryLimit = memoryLimit;
  }

  /** The size of the buffers that hold the history; never more than the memory limit. */
  get byteLength(): number {
    return this.#histories.values().reduce((sum, history) => sum + history.byteLength, 0);
  }

  /**
   * Takes one sample set.
   *
   * @param set what one source measured at one moment
   * @throws {RangeError} if a value does not fit in 64 bits or the time is not a number; nothing of the set
   * is recorded then
   */
  record(set: SampleSet): void {
    const points = pointsOf(set.samples);
    const timeMs = BigInt(Math.trunc(set.timeMs));
    this.#latest.set(set.source, set);
    const history = this.#histories.getOrInsertComputed(set.source, () => new History());
    while (this.byteLength + history.growth(points) > this.#memoryLimit) {
      if (!this.#dropOldest()) return;
    }
    history.append(timeMs, points);
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
   * @returns one window for each source
   */
  window(range: TimeRange = {}): readonly SourceWindow[] {
    return this.#histories.entries().map(([source, history]) => history.window(source, range)).toArray();
  }

  /**
   * Reads a period back as a value for `JSON.stringify`; costs even more memory than `window`.
   *
   * @param range the period; everything unless given
   * @returns integers as decimal strings, gaps as null
   */
  dump(range: TimeRange = {}): RecorderDump {
    return dumpWindows(this.window(range));
  }

  /**
   * Reads a period back as the JSON text of `dump`, bit by bit: recording goes on meanwhile, and what it drops for
   * its memory limit comes on top of that until the text has ended, or is given up by `return()`.
   *
   * @param range the period; everything unless given
   * @returns pieces of what was there when the first one was asked for
   */
  *dumpText(range: TimeRange = {}): Generator<string> {
    using held = new DisposableStack();
    const sources = this.#histories.entries().toArray()
      .map(([source, history]) => ({ source, blocks: held.use(history.hold()).blocks }));
    yield* dumpText(sources, range);
  }

  /**
   * Discards all that is known of a source: what belonged to a container that is gone.
   *
   * @param source whose
   */
  reset(source: string): void {
    this.#latest.delete(source);
    this.#histories.delete(source);
  }

  #dropOldest(): boolean {
    let oldest: { history: History; timeMs: number } | undefined;
    for (const history of this.#histories.values()) {
      const timeMs = history.oldestMs;
      if (timeMs !== undefined && (oldest === undefined || timeMs < oldest.timeMs)) {
        oldest = { history, timeMs };
      }
    }
    oldest?.history.dropOldest();
    return oldest !== undefined;
  }
}
