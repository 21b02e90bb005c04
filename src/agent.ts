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
 * const modules = createModules(MODULES, ["iomonitor"], {
 *   commPrefix: "postgres",
 *   commFallback: "when-unset",
 *   log: console,
 *   // The target has another container: what came before belongs to the old one.
 *   reset: () => void received.splice(0),
 * });
 * const collector = new Collector({
 *   modules,
 *   sink: { record: (set) => void received.push(set) },
 *   intervalMs: 10_000,
 *   onError: console.error,
 * });
 * const signal = AbortSignal.timeout(100);
 * await collector.run(signal);
 * assert.deepEqual(received.map(({ source }) => source), ["iomonitor", "ktm"]);
 * ```
 *
 * @module
 */
export {
  type Clock,
  Collector,
  type CollectorOptions,
  type CommFallback,
  createModules,
  type IoMonitorLog,
  type Module,
  type ModuleContext,
  type ModuleFactory,
  type ModuleHealth,
  type ModuleRegistry,
  MODULES,
  type StrategyName,
} from "./collector/mod.ts";
export {
  type HistogramSample,
  isHistogram,
  type Labels,
  type MetricFamily,
  NO_LABELS,
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
