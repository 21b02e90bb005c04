/** The module that tells what the target's process and cgroup use. @module */
import type { Target } from "../../discovery/mod.ts";
import type { Sample } from "../../metrics/mod.ts";
import { isShortage } from "../../syscall/mod.ts";
import type { Module, ModuleHealth } from "../module.ts";
import type { WatchedCall } from "./calls.ts";
import { CgroupUsage } from "./cgroup_usage.ts";
import { threadFinding } from "./findings.ts";
import type { Finding, SharedMaps, TargetFollower } from "./module_seam.ts";
import { ProcessUsage } from "./process_usage.ts";
import { ThreadIterator } from "./threads.ts";

/** What the module works with. */
export interface ProcMonitorOptions {
  /** What is watched at the moment, if anything. */
  readonly target: () => Target | undefined;
  /** The state of the target watch, which is the module's while nothing is wrong with it. */
  readonly targetHealth: () => ModuleHealth;
  /** The calls that modules watch in the state of threads. */
  readonly calls: readonly WatchedCall[];
  readonly log: { warn(message: string, properties?: Readonly<Record<string, unknown>>): void };
}

/** Reads the target's threads and the files of its cgroup at each collection; nothing runs in between. */
export class ProcMonitor implements Module, TargetFollower {
  readonly name = "procmonitor";
  /** The files of the cgroup need none. */
  readonly needsPrograms = false;
  readonly #options: ProcMonitorOptions;
  #threads: ThreadIterator | undefined;
  #process: ProcessUsage | undefined;
  #cgroup: CgroupUsage | undefined;
  /** Why the iterator cannot be loaded, if it cannot. */
  #failure: string | undefined;

  /** Nothing is loaded before {@linkcode attach}. */
  constructor(options: ProcMonitorOptions) {
    this.#options = options;
  }

  /** The target watch says when to attach. */
  start(): void {}

  /** A target is watched from now on: counters start from zero. */
  attach(maps: SharedMaps): void {
    this.#cgroup = new CgroupUsage();
    try {
      this.#threads = new ThreadIterator(maps, this.#options.calls);
      this.#process = new ProcessUsage(this.#threads, this.#options.calls);
      this.#failure = undefined;
    } catch (error) {
      if (isShortage(error)) throw error;
      this.#failure = error instanceof Error ? error.message : String(error);
      this.#options.log.warn("Threads of the target cannot be read; its cgroup still is", {
        module: this.name,
        reason: this.#failure,
      });
    }
  }

  /** It is not watched any more. */
  detach(): void {
    this.#threads?.close();
    this.#threads = undefined;
    this.#process = undefined;
    this.#cgroup = undefined;
  }

  /** The samples at the moment; of a target that has ended its counters, as far as they are still there. */
  read(): readonly Sample[] {
    const target = this.#options.target();
    return [...this.#process?.read(target?.process) ?? [], ...this.#cgroup?.read(target) ?? []];
  }

  /** As {@linkcode read}. */
  collect(): readonly Sample[] {
    return this.read();
  }

  /** Takes everything out of the kernel. */
  stop(): void {
    this.detach();
  }

  /** The state of the target watch, unless something is missing here. */
  health(): ModuleHealth {
    const health = this.#options.targetHealth();
    const problem = this.#failure ?? this.#process?.problem;
    if (health.state !== "full" || problem === undefined) return health;
    return { state: "degraded", reason: problem };
  }

  /** What this machine offers. */
  check(): readonly Finding[] {
    const threads = threadFinding({ failure: this.#failure, narrows: this.#threads?.narrows });
    return [threads, ...this.#cgroup?.check(this.#options.target()) ?? []];
  }
}
