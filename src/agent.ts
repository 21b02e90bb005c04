/**
 * The agent's parts, for a host in place of `ktm run`: modules, the collector that polls them, and the Flight
 * Recorder, which is one of the sinks that a collector can have.
 *
 * @example A host with a sink of its own
 * ```ts ignore
 * import { Collector, createModules, MODULES, type SampleSet } from "@ktm/ktm/agent";
 * import assert from "node:assert/strict";
 *
 * const received: SampleSet[] = [];
 * const { modules } = createModules(MODULES, ["iomonitor"], {
 *   commPrefix: "postgres",
 *   commFallback: "when-unset",
 *   log: console,
 *   lives: {
 *     begins: (target) => console.log("Watching", target.comm),
 *     ends: (end) => console.log("It ended", end.how),
 *     // The target has another container: what came before belongs to the old one.
 *     restarts: () => void received.splice(0),
 *   },
 * });
 * const collector = new Collector({
 *   modules,
 *   sink: { record: (set) => void received.push(set) },
 *   intervalMs: 10_000,
 *   onError: console.error,
 * });
 * const signal = AbortSignal.timeout(100);
 * await collector.run(signal);
 * assert.deepEqual(received.map(({ source }) => source), ["target", "iomonitor", "ktm"]);
 * ```
 *
 * @module
 */
export {
  Collector,
  type CollectorOptions,
  createModules,
  type Finding,
  type Level,
  type Module,
  type ModuleContext,
  type ModuleDefinition,
  type ModuleHealth,
  type ModuleRegistry,
  MODULES,
  type ModuleSet,
  type ModuleSettings,
} from "./collector/mod.ts";
export type { StrategyName } from "./programs/mod.ts";
export type { Clock } from "./runtime/clock.ts";
export type { CommFallback, LastSamples, LifeObserver, TargetFollower, WatchLog } from "./target/mod.ts";
export {
  describeEnd,
  type HistogramSample,
  isCrash,
  isHistogram,
  type Labels,
  type Life,
  type LifeEnd,
  type LifeEndKind,
  type LifeTarget,
  type MetricFamily,
  type Moment,
  NO_LABELS,
  type Recording,
  type Sample,
  type SampleSet,
  type SampleSink,
  type ScalarSample,
  type SeriesPart,
  type SeriesWindow,
  type SourceWindow,
  type TimeRange,
} from "./metrics/mod.ts";
export {
  FlightRecorder,
  type FlightRecorderOptions,
  type RecorderDump,
  type SeriesDump,
  type SourceDump,
} from "./recorder/mod.ts";
