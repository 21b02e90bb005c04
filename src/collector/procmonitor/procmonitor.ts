/** The module that tells what the target's process and cgroup use. @module */
import type { Sample } from "../../metrics/mod.ts";
import { isShortage, messageOf } from "../../syscall/mod.ts";
import type { SharedMaps } from "../../programs/mod.ts";
import type { TargetFollower } from "../../target/mod.ts";
import type { Finding, Module, ModuleHealth } from "../module.ts";
import type { ModuleContext, ModuleDefinition } from "../registry.ts";
import { CgroupUsage } from "./cgroup_usage.ts";
import { threadFinding } from "./findings.ts";
import { FAMILIES, FIGURES } from "./metrics.ts";
import { ProcessUsage } from "./process_usage.ts";
import { ThreadIterator } from "./threads.ts";

/** What the module works with. */
export type ProcMonitorContext = Pick<ModuleContext, "calls" | "isFollowed" | "log"> & {
  readonly target: Pick<ModuleContext["target"], "target" | "health" | "follow">;
};

/** Reads the target's threads and the files of its cgroup at each collection; nothing runs in between. */
export class ProcMonitor implements Module, TargetFollower {
  readonly name = "procmonitor";
  /** The files of the cgroup need none. */
  readonly needsPrograms = false;
  readonly #context: ProcMonitorContext;
  #threads: ThreadIterator | undefined;
  #process: ProcessUsage | undefined;
  #cgroup: CgroupUsage | undefined;
  /** Why the iterator cannot be loaded, if it cannot. */
  #failure: string | undefined;

  /** What there was too little of at the latest reading, if anything. */
  #shortage: string | undefined;

  /** Nothing is loaded before {@linkcode attach}. */
  constructor(context: ProcMonitorContext) {
    this.#context = context;
    context.target.follow(this);
  }

  /** The target watch says when to attach. */
  start(): void {}

  /** A target is watched from now on: counters start from zero. */
  attach(maps: SharedMaps): void {
    this.#cgroup = new CgroupUsage();
    try {
      const { calls, isFollowed } = this.#context;
      this.#threads = new ThreadIterator(maps, calls);
      this.#process = new ProcessUsage(this.#threads, calls, isFollowed);
      this.#failure = undefined;
    } catch (error) {
      if (isShortage(error)) throw error;
      this.#failure = messageOf(error);
      this.#context.log.warn(
        "Threads of the target cannot be read; metrics of its process are absent, those of its cgroup go on",
        {
          module: this.name,
          reason: this.#failure,
        },
      );
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
    const target = this.#context.target.target;
    try {
      const samples = [...this.#process?.read(target?.process) ?? [], ...this.#cgroup?.read(target) ?? []];
      this.#shortage = undefined;
      return samples;
    } catch (error) {
      // Each reading opens files, which programs that have counted do not.
      if (!isShortage(error)) throw error;
      if (this.#shortage === undefined) {
        this.#context.log.warn(
          "Target cannot be read at the moment; metrics of its process and cgroup are missing",
          {
            module: this.name,
            reason: messageOf(error),
          },
        );
      }
      this.#shortage = messageOf(error);
      return [];
    }
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
    const health = this.#context.target.health();
    const problem = this.#failure ?? this.#shortage ?? this.#process?.problem;
    if (health.state !== "full" || problem === undefined) return health;
    return { state: "degraded", reason: problem };
  }

  /** What this machine offers. */
  check(): readonly Finding[] {
    const { target } = this.#context.target;
    // Only a reading tells whether the kernel goes over the threads of one process.
    this.#process?.read(target?.process);
    const threads = threadFinding({ failure: this.#failure, narrows: this.#threads?.narrows });
    return [threads, ...this.#cgroup?.check(target) ?? []];
  }
}

/** What is known of the module. */
export const PROCMONITOR: ModuleDefinition = {
  name: "procmonitor",
  summary: "Processor, storage, memory and calls in flight",
  families: FAMILIES,
  figures: FIGURES,
  create: (context) => new ProcMonitor(context),
};
