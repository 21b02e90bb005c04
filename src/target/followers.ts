/** The modules that work with the target, all at once. @module */
import type { Sample } from "../metrics/mod.ts";
import type { SharedMaps } from "../programs/mod.ts";
import { isShortage, messageOf } from "../syscall/mod.ts";
import type { LastSamples, TargetFollower, WatchLog } from "./follower.ts";

/** Attaches and detaches modules; that one fails does not stop another. */
export class Followers {
  readonly #all: TargetFollower[] = [];
  readonly #log: WatchLog;

  /** @param log told of those that fail */
  constructor(log: WatchLog) {
    this.#log = log;
  }

  /** Adds one, before anything is attached. */
  add(follower: TargetFollower): void {
    this.#all.push(follower);
  }

  /** In the order in which they were added. */
  get names(): readonly string[] {
    return this.#all.map(({ name }) => name);
  }

  /**
   * Tells all of a target.
   *
   * @throws {Error} if descriptors or memory ran out, or if of those that need programs none can attach any
   */
  attach(maps: SharedMaps): void {
    const failures = new Map<TargetFollower, Error>();
    for (const follower of this.#all) {
      try {
        follower.attach(maps);
      } catch (error) {
        if (isShortage(error)) throw error;
        follower.detach();
        failures.set(follower, error instanceof Error ? error : new Error(String(error)));
      }
    }
    const needing = this.#all.filter(({ needsPrograms }) => needsPrograms);
    const [first] = needing.flatMap((one) => failures.get(one) ?? []);
    if (first !== undefined && needing.every((one) => failures.has(one))) throw first;
    for (const [{ name }, { message }] of failures) {
      this.#log.error("Module disabled", { module: name, reason: message });
    }
  }

  /** Takes away what was attached, the newest first. */
  detach(): void {
    for (const follower of this.#all.toReversed()) follower.detach();
  }

  /** The last samples of each, none of one that cannot read them. */
  last(): LastSamples[] {
    return this.#all.map((follower) => ({ source: follower.name, samples: this.#tryToRead(follower) }));
  }

  #tryToRead(follower: TargetFollower): readonly Sample[] {
    try {
      return follower.read();
    } catch (error) {
      const reason = messageOf(error);
      this.#log.warn("Cannot read the last counters of the target", { module: follower.name, reason });
      return [];
    }
  }
}
