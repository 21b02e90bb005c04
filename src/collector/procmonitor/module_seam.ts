/** What the collector and the target watch expect of a module. @module */
import type { BpfMap } from "../../loader/mod.ts";
import type { Sample } from "../../metrics/mod.ts";

/** Maps that the objects of all modules share, by their names in each object. */
export type SharedMaps = Readonly<Record<string, BpfMap>>;

/** A module that is told of the target. */
export interface TargetFollower {
  readonly name: string;
  /** Whether it is of no use without programs. */
  readonly needsPrograms: boolean;
  attach(maps: SharedMaps): void;
  detach(): void;
  read(): readonly Sample[];
}

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly level: "ok" | "note" | "degraded" | "failed";
  readonly detail: string;
  /** What to do about it. */
  readonly remedy?: string;
}
