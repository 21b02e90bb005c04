/** A period as a query of a URL says it. Pure. @module */
import type { TimeRange } from "../../metrics/mod.ts";
import { didYouMean } from "../config/suggest.ts";
import { parseDuration } from "../config/values/duration.ts";
import { shown } from "../config/values/shown.ts";

const PARAMETERS = ["last", "from", "to"];

const MILLISECONDS = /^\d{1,15}$/;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z$/;

function parseTime(text: string): number {
  const time = MILLISECONDS.test(text) ? Number(text) : ISO_TIME.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  const expected = "a time like 2026-01-31T12:00:00Z, or milliseconds since 1970";
  throw new RangeError(`expected ${expected}, got ${shown(text)}`);
}

/** The value of a parameter; undefined if it is not there. */
function parameter(
  query: URLSearchParams,
  name: string,
  parse: (text: string) => number,
): number | undefined {
  const [text, ...more] = query.getAll(name);
  if (text === undefined) return undefined;
  if (more.length > 0) throw new RangeError(`${name}: it is given more than once`);
  try {
    return parse(text);
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${name}: ${error.message}`) : error;
  }
}

/**
 * Reads a period.
 *
 * @param query `last=5m`, or `from=` and `to=` of which one may be absent
 * @param nowMs where a `last` period ends, by the monotonic clock: setting the wall clock does not change what it has
 * @param otherwiseMs the length of the period that is meant where none is named
 * @throws {RangeError} if the query says something else; its message tells what is expected
 *
 * @example Five minutes before now
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const range = timeRangeFrom(new URLSearchParams("last=5m"), 1_000_000, 1);
 * assert.deepEqual(range, { clock: "monotonicMs", fromMs: 700_000 });
 * ```
 */
export function timeRangeFrom(query: URLSearchParams, nowMs: number, otherwiseMs: number): TimeRange {
  for (const name of query.keys()) {
    if (PARAMETERS.includes(name)) continue;
    throw new RangeError(
      `unknown parameter ${name}${didYouMean(name, PARAMETERS)}: there are last, from and to`,
    );
  }
  const last = parameter(query, "last", parseDuration);
  const [fromMs, toMs] = [parameter(query, "from", parseTime), parameter(query, "to", parseTime)];
  if (fromMs === undefined && toMs === undefined) {
    return { clock: "monotonicMs", fromMs: nowMs - (last ?? otherwiseMs) };
  }
  if (last !== undefined) throw new RangeError("last: it cannot be combined with from or to");
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    throw new RangeError("from: it is later than to");
  }
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}
