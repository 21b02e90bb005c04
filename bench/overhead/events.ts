/** What an event costs: the nanoseconds that watching adds to a system call. @module */
import type { OnDemand } from "../loader/programs.ts";
import type { Design, DesignName } from "./designs.ts";

/** The calls that workload.c times, in its order. */
export const CALLS = [
  "read(2), 1 byte of /dev/zero",
  "pread64(2), 4 KiB from the cache",
  "getppid(2)",
] as const;

/** Nanoseconds of each call by the target and by another process. */
export interface CallTimes {
  readonly target: readonly number[];
  readonly other: readonly number[];
}

/** One turn of all designs. */
export type Round<T> = Readonly<Record<DesignName, T>>;

/**
 * Has the designs take turns, forwards and backwards.
 *
 * @param designs what takes turns
 * @param rounds how many times
 * @param measure what is done under each
 */
export async function inTurns<T>(
  designs: readonly Design[],
  rounds: number,
  measure: () => Promise<T>,
): Promise<Round<T>[]> {
  const results: Round<T>[] = [];
  for (let round = 0; round < rounds; round++) {
    const times: Partial<Record<DesignName, T>> = {};
    for (const { name, attach } of round % 2 === 0 ? designs : designs.toReversed()) {
      using _attached = attach();
      times[name] = await measure();
    }
    results.push(times as Round<T>);
  }
  return results;
}

/** Times the calls of both processes under each design. */
export function measureCalls(
  designs: readonly Design[],
  rounds: number,
  target: OnDemand,
  other: OnDemand,
): Promise<Round<CallTimes>[]> {
  return inTurns(designs, rounds, async () => ({ target: await target.run(), other: await other.run() }));
}
