/**
 * What the collector expects of a module.
 *
 * @module
 */
import type { Health, Sample } from "../metrics/mod.ts";
import type { WatchedCall } from "../programs/mod.ts";

/** What a module can do at the moment, and why it cannot do more. */
export type ModuleHealth = Health;

/** How much a finding matters. A note costs nothing at the moment. */
export type Level = "ok" | "note" | "degraded" | "failed";

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly level: Level;
  readonly detail: string;
  /** What to do about it, ready to be pasted where it is a command. */
  readonly remedy?: string;
}

/**
 * One source of samples, such as `iomonitor`: programs in the kernel, files of a cgroup, another program's metrics. The
 * collector never calls it twice at the same time.
 */
export interface Module {
  /** Unique among the modules of a collector; the source of the module's sample sets. */
  readonly name: string;

  /** Acquires what the module needs. A failure does not keep `collect` from being called. */
  start(): void | Promise<void>;

  /**
   * Measures once. Also called after a `start` that failed, so that a module can try again by itself.
   *
   * @returns the samples; a metric that could not be measured is left out, never reported as 0
   */
  collect(): readonly Sample[] | Promise<readonly Sample[]>;

  /** Releases everything. Also called after a `start` that failed. */
  stop(): void | Promise<void>;

  /** The calls that it follows in the state of threads at the moment, if it can follow any. */
  readonly calls?: readonly WatchedCall[];

  /** The module's state at the moment. */
  health(): ModuleHealth;

  /**
   * What this machine offers to the module, each with its remedy. Where the module works with the target, it is
   * attached with a filter that nothing passes; it is not started.
   */
  check(): readonly Finding[];
}
