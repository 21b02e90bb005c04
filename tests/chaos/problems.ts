/** What a round of chaos has to show. Pure. @module */
import type { Round } from "./chaos.ts";

/** A virtual machine may stand still once for the time of a collection, and that is no fault of the agent. */
const EXCUSED = 1;

/** The manifest's limit, in kilobytes. */
const RESIDENT_LIMIT_KB = 128 << 10;

/** From SIGTERM to the end. */
const END_LIMIT_MS = 2000;

/** The actor who ends the target. */
const DEATHS = "deaths of the target";

/**
 * What is wrong with a round, one line each.
 *
 * @returns nothing if all is well
 */
export function problemsIn({ missed, highestKb, endMs, code, ends, deeds, errors }: Round): string[] {
  return [
    ...missed <= EXCUSED ? [] : [`${missed} collections are missing`],
    ...highestKb < RESIDENT_LIMIT_KB ? [] : [`${highestKb} kB were resident`],
    ...endMs <= END_LIMIT_MS ? [] : [`SIGTERM took ${endMs} ms`],
    ...code === 0 ? [] : [`the agent ended with ${code}`],
    ...ends <= (deeds[DEATHS] ?? 0) ? [] : [`the target ended ${ends} times: it did not so often`],
    ...Object.entries(deeds).filter(([, count]) => count === 0).map(([name]) => `no deed: ${name}`),
    ...errors.map((line) => `the log says: ${line}`),
  ];
}
