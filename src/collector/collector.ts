/**
 * The loop that polls the modules.
 *
 * @module
 */
import {
  type MetricFamily,
  NO_LABELS,
  type Sample,
  type SampleSet,
  type SampleSink,
} from "../metrics/mod.ts";
import { type Clock, momentOf, systemClock } from "../runtime/clock.ts";
import type { Module } from "./module.ts";

/** The source of the collector's own metrics; no module can have this name. */
const SELF = "ktm";

const COLLECTIONS: MetricFamily = {
  name: "ktm_collections_total",
  type: "counter",
  help: "Collection cycles, including the one that reports this.",
  unit: "1",
};
const ERRORS: MetricFamily = {
  name: "ktm_collection_errors_total",
  type: "counter",
  help: "Failures of a module to start, collect or stop, or of the recorder to take what was collected.",
  unit: "1",
};
const DURATION: MetricFamily = {
  name: "ktm_collection_duration_seconds",
  type: "gauge",
  help: "Time that the latest collection cycle took.",
  unit: "ns",
};

/** What a collector works with. */
export interface CollectorOptions {
  /** Polled in this order. */
  readonly modules: readonly Module[];
  /** Takes the sample sets. */
  readonly sink: SampleSink;
  /** Milliseconds from one collection to the next. */
  readonly intervalMs: number;
  /** Told of each failure and the name of the module that failed, or `ktm` for the collector itself. */
  readonly onError: (module: string, error: unknown) => void;
  /** Called whenever modules have been started that this collector was made with, also if they failed. */
  readonly onStarted?: () => void;
  /** The machine's clock unless given. */
  readonly clock?: Clock;
}

function checkInterval(intervalMs: number): void {
  if (Number.isFinite(intervalMs) && intervalMs > 0) return;
  throw new RangeError(`Cannot collect every ${intervalMs} ms: the interval must be positive`);
}

function checkNames(modules: readonly Module[]): void {
  const names = [SELF, ...modules.map((module) => module.name)];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new RangeError(`Cannot collect from ${JSON.stringify(repeated)}: the name is taken`);
}

/** Polls modules and hands what they measured to a sink. */
export class Collector {
  #modules: readonly Module[];
  readonly #sink: SampleSink;
  #intervalMs: number;
  /** Aborted when the schedule has to be made anew. */
  #rescheduled = new AbortController();
  readonly #onError: (module: string, error: unknown) => void;
  readonly #onStarted: () => void;
  readonly #clock: Clock;
  #underway: Promise<readonly SampleSet[]> | undefined;
  #collections = 0n;
  #errors = 0n;

  /**
   * Makes a collector; nothing is started yet.
   *
   * @param options modules, sink, interval and error callback
   * @throws {RangeError} if the interval is not a positive finite number, or two sources have one name
   */
  constructor(options: CollectorOptions) {
    const { modules, intervalMs } = options;
    checkInterval(intervalMs);
    checkNames(modules);
    this.#modules = modules;
    this.#sink = options.sink;
    this.#intervalMs = intervalMs;
    this.#onError = options.onError;
    this.#onStarted = options.onStarted ?? (() => {});
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Starts the modules, collects at once and then every interval until the signal is aborted, and stops
   * the modules.
   *
   * The schedule is fixed when the modules have been started: a cycle that takes longer than the interval
   * costs the ticks that it missed and does not move those that follow.
   *
   * @param signal ends the loop; a cycle that is under way is finished first
   * @param onStarted called when the modules have been started
   */
  async run(signal: AbortSignal, onStarted: () => void = () => {}): Promise<void> {
    try {
      await this.start();
      onStarted();
      while (!signal.aborted) {
        this.#rescheduled = new AbortController();
        await this.#runOnSchedule(AbortSignal.any([signal, this.#rescheduled.signal]));
      }
    } finally {
      await this.stop();
    }
  }

  async #runOnSchedule(signal: AbortSignal): Promise<void> {
    const begin = this.#clock.monotonic();
    for (let tick = 0; !signal.aborted;) {
      await this.collectNow();
      const elapsed = this.#clock.monotonic() - begin;
      tick = Math.max(tick + 1, Math.ceil(elapsed / this.#intervalMs));
      await this.#clock.wait(begin + tick * this.#intervalMs, signal);
    }
  }

  /**
   * Changes the interval. A loop that runs collects at once and fixes its schedule anew.
   *
   * @param intervalMs milliseconds from one collection to the next
   * @throws {RangeError} if it is not a positive finite number
   */
  changeInterval(intervalMs: number): void {
    checkInterval(intervalMs);
    this.#intervalMs = intervalMs;
    this.#rescheduled.abort();
  }

  /**
   * Stops the modules that are not in the list, and starts those that are new in it. Those that stay do not
   * notice; while the others change, only they are collected from.
   *
   * @param modules polled in this order from now on
   * @throws {RangeError} if two sources have one name; nothing has changed then
   */
  async replaceModules(modules: readonly Module[]): Promise<void> {
    checkNames(modules);
    const before = this.#modules;
    this.#modules = before.filter((module) => modules.includes(module));
    await this.#underway;
    for (const module of before.filter((module) => !modules.includes(module)).toReversed()) {
      await this.#attempt(module.name, () => module.stop());
    }
    for (const module of modules.filter((module) => !before.includes(module))) {
      await this.#attempt(module.name, () => module.start());
    }
    this.#modules = modules;
  }

  /** Starts each module. */
  async start(): Promise<void> {
    for (const module of this.#modules) {
      await this.#attempt(module.name, () => module.start());
    }
    this.#onStarted();
  }

  /**
   * Collects from each module once. A call while a cycle is under way joins that cycle.
   *
   * @returns the sample sets as they were handed to the sink; empty for a module that failed, so that its
   * older values do not pass for new ones
   */
  collectNow(): Promise<readonly SampleSet[]> {
    this.#underway ??= this.#cycle().finally(() => this.#underway = undefined);
    return this.#underway;
  }

  /** Stops each module, the last one first, after the cycle that may be under way. */
  async stop(): Promise<void> {
    await this.#underway;
    for (const module of this.#modules.toReversed()) {
      await this.#attempt(module.name, () => module.stop());
    }
  }

  async #cycle(): Promise<readonly SampleSet[]> {
    const begin = this.#clock.monotonic();
    const sets: SampleSet[] = [];
    for (const module of this.#modules) {
      const moment = momentOf(this.#clock);
      const samples = await this.#attempt(module.name, () => module.collect()) ?? [];
      sets.push(await this.#push({ source: module.name, ...moment, samples }));
    }
    this.#collections++;
    const samples = this.#selfSamples(this.#clock.monotonic() - begin);
    sets.push(await this.#push({ source: SELF, ...momentOf(this.#clock), samples }));
    return sets;
  }

  async #push(set: SampleSet): Promise<SampleSet> {
    await this.#attempt(set.source, () => this.#sink.record(set));
    return set;
  }

  #selfSamples(durationMs: number): Sample[] {
    return [
      { family: COLLECTIONS, labels: NO_LABELS, value: this.#collections },
      { family: ERRORS, labels: NO_LABELS, value: this.#errors },
      { family: DURATION, labels: NO_LABELS, value: BigInt(Math.round(durationMs * 1e6)) },
    ];
  }

  async #attempt<T>(module: string, action: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.#errors++;
      this.#onError(module, error);
      return undefined;
    }
  }
}
