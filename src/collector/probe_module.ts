/** A module that is made of programs in the kernel: what it is, is data. @module */
import type { Figure, Sample } from "../metrics/mod.ts";
import {
  familiesOf,
  openObject,
  ProbeSession,
  type ProbeSet,
  type SharedMaps,
  unserved,
  unservedSamples,
  type WatchedCall,
} from "../programs/mod.ts";
import { isShortage, messageOf } from "../syscall/mod.ts";
import type { TargetFollower } from "../target/mod.ts";
import { probeFinding } from "./findings.ts";
import type { Finding, Module, ModuleHealth } from "./module.ts";
import type { ModuleContext, ModuleDefinition } from "./registry.ts";

/** Attaches programs while there is a target, and reads what they have counted. */
export class ProbeModule implements Module, TargetFollower {
  readonly name: string;
  readonly needsPrograms = true;
  readonly #set: ProbeSet;
  readonly #context: ModuleContext;
  #session: ProbeSession | undefined;
  readonly #unserved: readonly Sample[];
  /** Why it could not attach, if it could not. */
  #failure: string | undefined;

  /**
   * Makes a module that follows the target.
   *
   * @param set its programs and metrics
   */
  constructor(set: ProbeSet, context: ModuleContext) {
    this.name = set.name;
    this.#set = set;
    this.#context = context;
    this.#unserved = unservedSamples(set.name, set.probes);
    context.target.follow(this);
  }

  /** The target watch says when to attach. */
  start(): void {}

  attach(maps: SharedMaps): void {
    this.#failure = undefined;
    try {
      this.#session = new ProbeSession(this.#set, openObject(this.#set, maps), this.#context.strategies);
      if (this.#session.failure !== undefined) throw new Error(this.#session.failure);
    } catch (error) {
      // All modules try again: this one is no worse off than the target watch.
      if (!isShortage(error)) this.#failure = messageOf(error);
      throw error;
    }
    for (const { probe, failures } of unserved(this.#session.probes)) {
      this.#context.log.warn("A probe cannot be attached", { module: this.name, probe, failures });
    }
  }

  detach(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  get calls(): readonly WatchedCall[] {
    return this.#session?.calls ?? [];
  }

  read(): readonly Sample[] {
    if (this.#failure !== undefined) return this.#isTargetWatched ? this.#unserved : [];
    return [
      ...this.#session?.collect() ?? [],
      ...this.#context.selfStats ? this.#session?.collectRuns() ?? [] : [],
    ];
  }

  get #isTargetWatched(): boolean {
    return !["waiting", "disabled"].includes(this.#context.target.health().state);
  }

  collect(): readonly Sample[] {
    return this.read();
  }

  stop(): void {
    this.detach();
  }

  health(): ModuleHealth {
    const reason = this.#failure;
    return reason === undefined ? this.#context.target.health() : { state: "disabled", reason };
  }

  check(): readonly Finding[] {
    if (this.#failure !== undefined) {
      return [{ name: `module ${this.name}`, level: "failed", detail: this.#failure }];
    }
    return this.#session?.probes.map(probeFinding) ?? [];
  }
}

/**
 * Defines a module that is made of programs.
 *
 * @param summary what it observes, in one line of help
 * @param set its programs and metrics
 * @param figures what a live view shows of it in a line; some of its metrics unless given
 */
export function probeModule(
  summary: string,
  set: ProbeSet,
  figures?: readonly Figure[],
): ModuleDefinition {
  return {
    name: set.name,
    summary,
    ...figures === undefined ? {} : { figures },
    families: familiesOf(set),
    programs: set,
    create: (context) =>
      new ProbeModule({ ...set, object: context.objects?.[set.name] ?? set.object }, context),
  };
}
