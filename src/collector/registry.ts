/**
 * Modules by name.
 *
 * @module
 */
import type { Figure, MetricFamily } from "../metrics/mod.ts";
import { callsOf, type ProbeSet, type StrategyName, type WatchedCall } from "../programs/mod.ts";
import type { CommFallback, LifeObserver, WatchLog } from "../target/mod.ts";
import type { Module } from "./module.ts";
import { TargetModule } from "./target_module.ts";

/** What a host decides for all modules. */
export interface ModuleSettings {
  readonly commPrefix: string;
  readonly commFallback: CommFallback;
  /** The target's cgroup, if it is not to be found by comm. */
  readonly cgroupPath?: string | undefined;
  /** Object files to load in place of the built-in ones, by the names of their modules. */
  readonly objects?: Readonly<Record<string, Uint8Array>> | undefined;
  /** The ways to attach that may be tried; all of them unless given. */
  readonly strategies?: readonly StrategyName[] | undefined;
  /** Whether modules report what their programs cost. */
  readonly selfStats?: boolean | undefined;
  readonly log: WatchLog;
  /** Whom the target watch tells of the target's lives. */
  readonly lives: LifeObserver;
}

/** What a module works with: one that works with the target follows its watch. */
export interface ModuleContext extends Omit<ModuleSettings, "lives"> {
  /** The one watch of the target. */
  readonly target: TargetModule;
  /** The calls that any of the modules may follow. */
  readonly calls: readonly WatchedCall[];
  /** Whether one of them follows a call at the moment. */
  readonly isFollowed: (call: WatchedCall) => boolean;
}

/** What is known of a module before it is made: help, documentation and tests go by it. */
export interface ModuleDefinition {
  /** Unique; what the configuration calls it. */
  readonly name: string;
  /** What it observes, in one line of help. */
  readonly summary: string;
  /** Every metric family that it exports; no other module may have one of them. */
  readonly families: readonly MetricFamily[];
  /** What a live view shows of it in a line; some of its families unless given. */
  readonly figures?: readonly Figure[];
  /** The programs that it attaches, if it is made of those. */
  readonly programs?: ProbeSet;
  /** Makes the module, not started. */
  readonly create: (context: ModuleContext) => Module;
}

/** The modules that can be asked for by name. A new module is one more entry. */
export type ModuleRegistry = readonly ModuleDefinition[];

/** Modules, and the target watch that they share. */
export interface ModuleSet {
  readonly target: TargetModule;
  /** For a collector: the target watch first, then the modules in the order of their names. */
  readonly modules: readonly Module[];
}

/**
 * Makes the modules that a configuration names, in that order, and the target watch that they share.
 *
 * @param registry the known modules
 * @param names what to make
 * @param settings what holds for all of them
 * @returns the modules, not started
 * @throws {RangeError} if a name is unknown or is there twice, or two modules export the same metric; nothing has been
 * made then
 */
export function createModules(
  registry: ModuleRegistry,
  names: readonly string[],
  settings: ModuleSettings,
): ModuleSet {
  const definitions = names.map((name, index) => {
    if (names.indexOf(name) !== index) {
      throw new RangeError(`Module ${JSON.stringify(name)} is named twice`);
    }
    return findDefinition(registry, name);
  });
  checkFamilies(definitions);
  const { lives: _, ...shared } = settings;
  const target = new TargetModule(settings);
  const calls = callsOf(definitions.flatMap(({ programs }) => programs?.probes ?? []));
  const isFollowed = ({ number }: WatchedCall) =>
    modules.some((module) => module.calls?.some((call) => call.number === number));
  const modules: readonly Module[] = definitions.map(({ create }) =>
    create({ ...shared, target, calls, isFollowed })
  );
  return { target, modules: [target, ...modules] };
}

function findDefinition(registry: ModuleRegistry, wanted: string): ModuleDefinition {
  const definition = registry.find(({ name }) => name === wanted);
  if (definition !== undefined) return definition;
  const known = registry.map(({ name }) => name).sort().join(", ");
  throw new RangeError(`Unknown module ${JSON.stringify(wanted)}: the known modules are ${known}`);
}

/** A series that two modules export would make the whole scrape invalid. */
function checkFamilies(definitions: readonly ModuleDefinition[]): void {
  const owners = new Map<string, string>();
  for (const { name, families } of definitions) {
    for (const { name: family } of families) {
      const owner = owners.get(family);
      if (owner !== undefined) {
        throw new RangeError(`Cannot run modules ${owner} and ${name} together: both export ${family}`);
      }
      owners.set(family, name);
    }
  }
}
