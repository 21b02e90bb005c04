/** Smaller inputs with the same problem. @module */
import { judge } from "./judge.ts";
import type { Input } from "./corpus.ts";
import { problemKind } from "./problem_kind.ts";

/** Tries at most, so that a slow problem does not take for ever. */
const MOST_TRIES = 1000;

/**
 * Undoes changes, then cuts bytes off, as long as the problem stays.
 *
 * @param input an input with a problem
 * @param problem the problem
 */
export function minimise({ stock, bytes }: Input, problem: string): Uint8Array<ArrayBuffer> {
  const kind = problemKind(problem);
  let tries = 0;
  const stays = (candidate: Uint8Array<ArrayBuffer>): boolean => {
    if (++tries > MOST_TRIES) return false;
    const found = judge(stock.exercise, candidate).problem;
    return found !== undefined && problemKind(found) === kind;
  };
  let best = bytes;
  if (best.length === stock.bytes.length) {
    for (let at = 0; at < best.length; at++) {
      if (best[at] === stock.bytes[at]) continue;
      const candidate = best.with(at, stock.bytes[at]!);
      if (stays(candidate)) best = candidate;
    }
  }
  for (let length = best.length >> 1; length > 0; length >>= 1) {
    for (let at = best.length - length; at >= 0; at -= length) {
      const candidate = new Uint8Array([...best.subarray(0, at), ...best.subarray(at + length)]);
      if (stays(candidate)) best = candidate;
    }
  }
  return best;
}
