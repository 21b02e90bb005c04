/** The schema of a configuration file, made of the table of keys. @module */
import * as z from "zod/mini";
import { CONFIG_KEYS, isKey, type Key, type KeyGroup, type Reader, shownName, unexpected } from "./keys.ts";
import { didYouMean } from "./suggest.ts";

type Complaint = (issue: { readonly input?: unknown }) => string;

function expected(what: string): Complaint {
  return ({ input }) => unexpected(what, input);
}

/** Unknown keys that are named. */
const MOST_NAMED = 20;

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const lines = keys.slice(0, MOST_NAMED).map((key) => {
    const name = shownName(key);
    return `unknown key ${name}${didYouMean(name, known)}`;
  });
  const more = keys.length - lines.length;
  return [...lines, ...more > 0 ? [`${more} more unknown keys`] : []].join("\n");
}

/** A group of keys and no others; in YAML a group whose keys are all commented out is null. */
function groupSchema(group: KeyGroup): z.core.$ZodType {
  const complaint = expected("keys with values");
  const shape = Object.fromEntries(Object.entries(group).map(([name, node]) => [name, schemaOf(node)]));
  const object = z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? unknownKeys(issue.keys, Object.keys(group)) : complaint(issue),
  });
  return z.prefault(z.pipe(z.transform((value: unknown) => value ?? {}), object), {});
}

function valueSchema(read: Reader<unknown>): z.core.$ZodType {
  return z.pipe(
    z.unknown(),
    z.transform((value, context): unknown => {
      try {
        return read(value);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        context.issues.push({ code: "custom", message: error.message, input: value });
        return z.NEVER;
      }
    }),
  );
}

function keySchema(key: Key): z.core.$ZodType {
  if (key.kind === "list") {
    const error = expected(key.expects);
    const elements = z.array(valueSchema(key.readElement), { error }).check(
      z.minLength(key.least, { error }),
    );
    return z._default(elements, [...key.default]);
  }
  const value = valueSchema(key.read);
  return key.default === undefined ? z.optional(value) : z._default(value, key.default);
}

function schemaOf(node: Key | KeyGroup): z.core.$ZodType {
  return isKey(node) ? keySchema(node) : groupSchema(node);
}

/** The schema of a configuration file; of nothing at all it makes the default configuration. */
export const CONFIG_SCHEMA = groupSchema(CONFIG_KEYS);
