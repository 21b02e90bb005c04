/** Which segments are the last to be overwritten: those with the minutes before the newest crash. @module */
import { isCrash } from "../../metrics/mod.ts";
import { KEPT_BEFORE_END_MS, KEPT_SHARE } from "../kept_longest.ts";
import type { StoredLife } from "./stored_life.ts";

/** When one agent recorded the rows that a segment has of it. */
export interface RowSpan {
  readonly bootId: string;
  readonly firstMs: number;
  readonly lastMs: number;
}

/** The newest life that ended by a crash. */
export function newestCrash(lives: Iterable<StoredLife>): StoredLife | undefined {
  return [...lives].filter(({ life }) => life.end !== undefined && isCrash(life.end))
    .reduce<StoredLife | undefined>((a, b) => a && a.life.number > b.life.number ? a : b, undefined);
}

/**
 * The order in which segments are overwritten.
 *
 * @param slots the oldest first
 * @param spans rows in each of them
 * @param crash the newest one
 * @param count how many segments the file has
 * @returns the same slots; those of the crash come last, but of too many only the newest
 */
export function overwriteOrder(
  slots: readonly number[],
  spans: ReadonlyMap<number, readonly RowSpan[]>,
  crash: StoredLife | undefined,
  count = slots.length,
): number[] {
  const endMs = crash?.life.end?.monotonicMs ?? -Infinity;
  const isOfCrash = ({ bootId, firstMs, lastMs }: RowSpan) =>
    bootId === crash?.bootId && firstMs <= endMs && lastMs >= endMs - KEPT_BEFORE_END_MS;
  const ofCrash = slots.filter((slot) => spans.get(slot)?.some(isOfCrash));
  const kept = new Set(ofCrash.slice(-Math.floor(count * KEPT_SHARE)));
  return [...slots.filter((slot) => !kept.has(slot)), ...kept];
}
