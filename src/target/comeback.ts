/**
 * Where the target is waited for after its end: a namesake elsewhere does not take its place at once. Pure.
 *
 * @module
 */
import type { Former, Place, Process } from "../discovery/mod.ts";

/** How long no other process is taken: longer than a supervisor takes to start the target again. */
export const GRACE_MS = 60_000;

/** Where the target belongs, and since when it is not there. */
export class Comeback {
  readonly #graceMs: number;
  readonly #exists: (place: Place) => boolean;
  /** Where it was first, and where it was last if that is elsewhere. */
  #places: readonly Place[] = [];
  #process: Process | undefined;
  #endedMs: number | undefined;

  /**
   * Knows of no target yet.
   *
   * @param graceMs how long no process elsewhere is taken
   * @param exists whether a process can come back in a place
   */
  constructor(graceMs: number, exists: (place: Place) => boolean) {
    this.#graceMs = graceMs;
    this.#exists = exists;
  }

  /** The target is watched in a place. One that took the place of another gives it back when that returns. */
  watched(place: Place, process: Process): void {
    this.#process = process;
    const [home = place] = this.#places;
    this.#places = isSame(home, place) || !this.#exists(home) ? [place] : [home, place];
    this.#endedMs = undefined;
  }

  /** The target has ended. */
  ended(nowMs: number): void {
    this.#endedMs ??= nowMs;
  }

  /** Where a target that is not there is looked for; undefined if anything will do. */
  former(nowMs: number): Former | undefined {
    if (this.#places.length === 0) return undefined;
    const isOver = nowMs - (this.#endedMs ?? nowMs) >= this.#graceMs;
    const mayLeave = isOver || !this.#exists(this.#places.at(-1)!);
    return { places: this.#places, mayLeave, ...this.#process && { process: this.#process } };
  }

  /** Where the target is looked for while a process elsewhere is watched in its place; undefined if none is. */
  home(): Former | undefined {
    const [home, ...others] = this.#places;
    return home === undefined || others.length === 0 ? undefined : { places: [home], mayLeave: false };
  }
}

function isSame(one: Place, other: Place): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
