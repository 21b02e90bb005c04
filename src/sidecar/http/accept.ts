/** Which form of an answer a client wants (RFC 9110 section 12.5.1). Pure. @module */

/** A media type that an answer can have. */
export interface MediaType {
  /** In lower case: `text/plain`. */
  readonly type: string;
  /** In lower case, values too. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One element of `Accept`. */
interface MediaRange extends MediaType {
  /** From 0, not acceptable, to 1. */
  readonly weight: number;
}

const TYPE = /^[!#$%&'*+.^_`|~\w-]+\/[!#$%&'*+.^_`|~\w-]+$/;

/** `qvalue`, with more decimals than three if a client wants. */
const WEIGHT = /^(?:0(?:\.\d*)?|1(?:\.0*)?)$/;

/**
 * Reads a media type with its parameters.
 *
 * @example What Prometheus calls its text format
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseMediaType("Text/Plain; Version=0.0.4"), {
 *   type: "text/plain",
 *   parameters: { version: "0.0.4" },
 * });
 * ```
 */
export function parseMediaType(text: string): MediaType {
  const [type = "", ...rest] = text.toLowerCase().split(";").map((part) => part.trim());
  const pairs = rest.filter((part) => part.includes("=")).map((part) => {
    const at = part.indexOf("=");
    return [part.slice(0, at).trim(), part.slice(at + 1).trim().replace(/^"(.*)"$/, "$1")] as const;
  });
  return { type, parameters: Object.fromEntries(pairs) };
}

/** A range with its weight; none where it is not one, as if it were not there. */
function rangesOf(element: string): MediaRange[] {
  const { type, parameters: { q = "1", ...parameters } } = parseMediaType(element);
  return TYPE.test(type) && WEIGHT.test(q) ? [{ type, parameters, weight: Number(q) }] : [];
}

/**
 * How closely a range names a type; undefined if it does not. Parameters that the type does not have count for
 * nothing: Prometheus says by `escaping` which metric names it understands, and takes those that any one would.
 */
function closeness(range: MediaRange, { type, parameters }: MediaType): number | undefined {
  const [kind] = type.split("/");
  const named = ["*/*", `${kind}/*`, type].indexOf(range.type);
  const shared = Object.entries(range.parameters).filter(([name]) => Object.hasOwn(parameters, name));
  const fits = named >= 0 && shared.every(([name, value]) => parameters[name] === value);
  // No head has room for a thousand parameters.
  return fits ? 1000 * named + shared.length : undefined;
}

/** The weight of the range that names a type most closely; 0 if none does. */
function weightOf(ranges: readonly MediaRange[], offer: MediaType): number {
  let [closest, weight] = [-1, 0];
  for (const range of ranges) {
    const close = closeness(range, offer) ?? -1;
    if (close > closest) [closest, weight] = [close, range.weight];
  }
  return weight;
}

/**
 * Chooses what a client wants most; the first offer where it does not say, wants several the same, or none. That
 * last is allowed by section 12.4.1, and what Prometheus clients expect.
 *
 * @param accept the header
 * @param offers at least one
 * @returns its index
 *
 * @example A weight of 0 excludes
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const offers = ["application/json", "text/plain"].map(parseMediaType);
 * assert.equal(negotiate("application/json;q=0, *\/*", offers), 1);
 * assert.equal(negotiate(undefined, offers), 0);
 * ```
 */
export function negotiate(accept: string | undefined, offers: readonly MediaType[]): number {
  const ranges = (accept ?? "").split(",").flatMap(rangesOf);
  const weights = offers.map((offer) => weightOf(ranges, offer));
  return weights.indexOf(Math.max(...weights));
}
