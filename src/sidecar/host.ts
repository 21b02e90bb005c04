/** The agent put together: modules, collector and Flight Recorder. @module */
import {
  Collector,
  createModules,
  type Module,
  type ModuleHealth,
  MODULES,
  type ModuleSet,
} from "../collector/mod.ts";
import { resolveCgroupPath } from "../discovery/mod.ts";
import { NO_LABELS, type Sample, type SampleSet, type SampleSink } from "../metrics/mod.ts";
import type { StrategyName } from "../programs/mod.ts";
import type { RecorderFile } from "../recorder/file/mod.ts";
import { FlightRecorder } from "../recorder/mod.ts";
import { momentOf, systemClock } from "../runtime/clock.ts";
import { kernelRelease, messageOf, mountsOfType } from "../syscall/mod.ts";
import type { LifeObserver } from "../target/mod.ts";
import { changesBetween } from "./config/changes.ts";
import type { Config } from "./config/config.ts";
import { ConfigError } from "./config/error.ts";
import { thresholdsOf } from "./config/thresholds.ts";
import { requireDescriptors } from "./descriptors.ts";
import { connectionLimit } from "./http/limits.ts";
import { Incidents } from "./incidents.ts";
import { lifeObserver } from "./lives.ts";
import { droppedLogLines, log } from "./log/log.ts";
import { memoryLimitOf } from "./memory_limit.ts";
import { VERSION } from "./version.ts";

/** A host that is ready to be started. */
export interface Host {
  readonly collector: Collector;
  readonly recorder: FlightRecorder;
  /** What looks for incidents, if anything does. */
  readonly incidents: Incidents | undefined;
  /** The newest values of every source, with what this program says of itself. */
  latest(): SampleSet[];
  /** The state of each module by name. */
  health(): Readonly<Record<string, ModuleHealth>>;
  /** Why the latest collection of a module gave nothing, if one failed. */
  failure(): string | undefined;
  /**
   * Makes ready for another configuration; nothing has changed before the result is called. Modules go on, with
   * their counters, unless what is collected and of whom is another.
   *
   * @throws {ConfigError} if a module is unknown, or the configured cgroup cannot be used
   */
  prepare(config: Config): () => Promise<void>;
}

/** What a developer may change about attaching. */
export interface AttachSettings {
  /** eBPF object files in place of the built-in ones, by the names of their modules. */
  readonly objects?: Readonly<Record<string, Uint8Array>>;
  /** The ways to attach that may be tried; all of them unless given. */
  readonly strategies?: readonly StrategyName[];
  /** Whether modules report what their programs cost, which the kernel has been told to count. */
  readonly selfStats?: boolean;
  /** Whether to look for incidents all the time, and to say so. */
  readonly incidents?: boolean;
  /** A file that keeps the history when the agent dies. */
  readonly recorderFile?: RecorderFile | undefined;
  /** Called once everything has been attached that can be, or nothing can. */
  readonly onStarted?: () => void;
}

function buildInfo(): Sample {
  const { release, machine } = kernelRelease();
  return {
    family: {
      name: "ktm_build_info",
      type: "gauge",
      help: "Always 1; the labels tell what runs here.",
      unit: "1",
    },
    labels: { version: VERSION, deno: Deno.version.deno, kernel: release, arch: machine },
    value: 1n,
  };
}

function logLinesDropped(): Sample {
  return {
    family: {
      name: "ktm_log_lines_dropped_total",
      type: "counter",
      help: "Lines of the log dropped because standard error was full or not read.",
      unit: "1",
    },
    labels: NO_LABELS,
    value: BigInt(droppedLogLines()),
  };
}

/** Does something that fails only because of a configured value, and says which. */
function withConfig<T>(key: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new ConfigError([`${key}: ${messageOf(error)}`]);
  }
}

/**
 * Checks what a configuration says about this machine.
 *
 * @throws {ConfigError} if the configured cgroup cannot be used
 */
export function checkConfig({ collector: { ebpf: { cgroup_path } } }: Config): void {
  if (cgroup_path === undefined) return;
  withConfig("collector.ebpf.cgroup_path", () => resolveCgroupPath(cgroup_path, mountsOfType("cgroup2")));
}

/**
 * Makes the modules of a configuration, not started.
 *
 * @throws {ConfigError} if a module is unknown, or the configured cgroup cannot be used
 */
export function modulesOf(config: Config, settings: AttachSettings, lives: LifeObserver): ModuleSet {
  checkConfig(config);
  const { modules, ebpf } = config.collector;
  return withConfig("collector.modules", () =>
    createModules(MODULES, modules, {
      commPrefix: ebpf.comm_prefix,
      commFallback: ebpf.comm_fallback,
      cgroupPath: ebpf.cgroup_path,
      ...settings,
      log,
      lives,
    }));
}

/** Whether two configurations collect the same of the same target. */
function isSameScope(a: Config, b: Config): boolean {
  return changesBetween(a, b).every(({ key }) =>
    key !== "collector.modules" && !key.startsWith("collector.ebpf.")
  );
}

/**
 * Puts a host together; nothing is attached or collected yet.
 *
 * @param config what to do
 * @param settings what differs from the usual way to attach
 * @throws {ConfigError} if a module is unknown, or the configured cgroup cannot be used
 * @throws {Error} if the limit on open files is too low
 */
export function createHost(config: Config, settings: AttachSettings = {}): Host {
  const connections = config.exporter.listen === undefined ? 0 : connectionLimit();
  requireDescriptors(config.collector.modules, connections);
  const recorder = new FlightRecorder({
    memoryLimit: memoryLimitOf(config),
    file: settings.recorderFile,
  });
  const makeModules = (config: Config) => modulesOf(config, settings, lives).modules;
  let active = config;
  const incidents = settings.incidents
    ? new Incidents({
      recorder,
      log,
      thresholds: () => thresholdsOf(active),
      intervalMs: () => active.collector.interval,
    })
    : undefined;
  const failures = new Map<string, string>();
  const sink: SampleSink = {
    record: (set) => {
      if (set.samples.length > 0) failures.delete(set.source);
      recorder.record(set);
      incidents?.record(set);
    },
  };
  const lives = lifeObserver({ recorder, sink, onEnd: (end) => incidents?.targetEnded(end) });
  let modules = makeModules(config);
  const collector = new Collector({
    modules,
    sink,
    intervalMs: config.collector.interval,
    onError: (module, error) => {
      failures.set(module, messageOf(error));
      log.error("A module failed", { module, error });
    },
    ...(settings.onStarted === undefined ? {} : { onStarted: settings.onStarted }),
  });
  const apply = async (next: Config, nextModules: readonly Module[] | undefined) => {
    if (next.collector.interval !== active.collector.interval) {
      collector.changeInterval(next.collector.interval);
    }
    active = next;
    if (nextModules === undefined) return;
    modules = nextModules;
    await collector.replaceModules(modules);
  };
  return {
    collector,
    recorder,
    incidents,
    latest: () => [...recorder.latest(), {
      source: "build",
      ...momentOf(systemClock),
      samples: [buildInfo(), logLinesDropped()],
    }],
    health: () => Object.fromEntries(modules.map((module) => [module.name, module.health()])),
    failure: () => [...failures.values()][0],
    prepare: (next) => {
      const nextModules = isSameScope(active, next) ? undefined : makeModules(next);
      return () => apply(next, nextModules);
    },
  };
}
