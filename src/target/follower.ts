/** Who works with the target: what the target watch expects of modules. @module */
import type { LifeEnd, LifeTarget, Sample } from "../metrics/mod.ts";
import type { SharedMaps } from "../programs/mod.ts";

/** A module that is told of the target. It does not look for it. */
export interface TargetFollower {
  /** The module's name. */
  readonly name: string;
  /** Whether it is of no use without programs: if no such module can attach any, the agent disables itself. */
  readonly needsPrograms: boolean;

  /**
   * A target is watched from now on, with counters from zero. The filter is programmed already.
   *
   * @param maps what its programs have to be opened with; they end after {@linkcode TargetFollower.detach}
   * @throws {Error} if it cannot do its work; it is not told of this target again
   */
  attach(maps: SharedMaps): void;

  /** The target is not watched any more: takes everything out of the kernel. Also called after a failed attach. */
  detach(): void;

  /** What it knows at the moment of the target, which may just have ended; nothing while it is not attached. */
  read(): readonly Sample[];
}

/** The last samples of a life by who measured them. */
export interface LastSamples {
  readonly source: string;
  readonly samples: readonly Sample[];
}

/** Whom the target watch tells of the target's lives. */
export interface LifeObserver {
  /**
   * The target is watched from now on, or more is known of the one that is.
   *
   * @param sources those that tell of it
   */
  begins(target: LifeTarget, sources: readonly string[]): void;
  /** Its life has ended; of each source the last samples of it, none where they could not be read. */
  ends(end: LifeEnd, last: readonly LastSamples[]): void;
  /**
   * Counters start from zero: what was collected so far belongs to another container.
   *
   * @param sources whose counters
   */
  restarts(sources: readonly string[]): void;
}

/** Where it is said what happens; a host's logger fits. */
export interface WatchLog {
  debug(message: string, properties?: Readonly<Record<string, unknown>>): void;
  info(message: string, properties?: Readonly<Record<string, unknown>>): void;
  warn(message: string, properties?: Readonly<Record<string, unknown>>): void;
  error(message: string, properties?: Readonly<Record<string, unknown>>): void;
}
