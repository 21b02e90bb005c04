/** Numbers in a configuration. @module */
import { shown } from "./shown.ts";

const DECIMAL = /^\d{1,9}(?:\.\d{1,9})?$/;

/**
 * Reads a number.
 *
 * @param text decimal, without a sign
 * @param least the least that is allowed
 * @param isWhole whether it may have no digits behind the point
 * @throws {RangeError} if the text is no such number; its message tells what is expected and leaves it to the
 * caller to say where
 */
export function parseNumber(text: string, least: number, isWhole: boolean): number {
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  if (value >= least && (!isWhole || Number.isInteger(value))) return value;
  const kind = isWhole ? "a whole number" : "a number";
  throw new RangeError(`expected ${kind} from ${least} on, got ${shown(text)}`);
}
