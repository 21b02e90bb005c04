/**
 * A dump read back: the inverse of `dumpRecording`.
 *
 * A dump may come from anywhere: whatever is not as it should be is an error that says what and where, and what
 * is read is bounded before it is kept.
 *
 * @module
 */
import {
  type Labels,
  type Life,
  LIFE_ENDS,
  type LifeEnd,
  type LifeTarget,
  type MetricFamily,
  type Moment,
  type Recording,
  type SeriesPart,
  type SeriesWindow,
  type SourceWindow,
} from "../metrics/mod.ts";
import { messageOf } from "../syscall/message_of.ts";
import { DUMP_VERSION } from "./dump.ts";

/** What a reader accepts. */
export const DUMP_LIMITS = {
  /** Characters of text: a recorder of 64 MiB writes about half of it. */
  characters: 128 * 2 ** 20,
  /** Values and gaps of a source: as many as such a recorder has. */
  values: 8 * 2 ** 20,
  /** Sources, series of a source and labels of a series, each. */
  items: 10_000,
} as const;

/** A text that is no dump, or not one that can be read. */
export class DumpError extends Error {
  override readonly name = "DumpError";

  /**
   * @param where the place in the dump, like `sources[0].timesMs`; empty for the whole
   * @param problem what is wrong there
   */
  constructor(where: string, problem: string) {
    super(`Cannot read the dump: ${where === "" ? "" : `${where}: `}${problem}`);
  }
}

const LONGEST_SHOWN = 40;

function shown(value: unknown): string {
  const text = Array.isArray(value) ? "a list" : JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}

function unexpected(where: string, what: string, value: unknown): DumpError {
  return new DumpError(
    where,
    value === undefined ? `missing, ${what} expected` : `expected ${what}, got ${shown(value)}`,
  );
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object with these keys, and of the others no one that is not optional. */
function fieldsOf(
  value: unknown,
  where: string,
  names: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (!isObject(value)) throw unexpected(where, "an object", value);
  const unknown = Object.keys(value).find((name) => !names.includes(name) && !optional.includes(name));
  if (unknown !== undefined) throw new DumpError(where, `unknown key ${shown(unknown)}`);
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new DumpError(where, `${missing} is missing`);
  return value;
}

function listOf(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected(where, "a list", value);
  if (value.length > most) throw new DumpError(where, `${value.length} items, at most ${most} are read`);
  return value;
}

function textOf(value: unknown, where: string): string {
  if (typeof value === "string") return value;
  throw unexpected(where, "a text", value);
}

function oneOf<const Word extends string>(value: unknown, where: string, words: readonly Word[]): Word {
  const known = words.find((word) => word === value);
  if (known !== undefined) return known;
  throw unexpected(where, `one of ${words.join(", ")}`, value);
}

const UNSIGNED = /^\d{1,20}$/;
const SIGNED = /^-?\d{1,19}$/;

/** An integer of 64 bits. */
function integerOf(value: unknown, where: string, isSigned: boolean): bigint {
  const isNumber = typeof value === "string" && (isSigned ? SIGNED : UNSIGNED).test(value);
  const integer = isNumber ? BigInt(value) : undefined;
  const fits = integer !== undefined &&
    (isSigned ? BigInt.asIntN(64, integer) : BigInt.asUintN(64, integer)) === integer;
  if (fits) return integer;
  throw unexpected(where, `a decimal text of 64 bits${isSigned ? "" : " without sign"}`, value);
}

function labelsOf(value: unknown, where: string): Labels {
  if (!isObject(value)) throw unexpected(where, "an object", value);
  const names = listOf(Object.keys(value), where, DUMP_LIMITS.items) as readonly string[];
  return Object.fromEntries(names.map((name) => [name, textOf(value[name], `${where}.${name}`)]));
}

const TYPES: readonly MetricFamily["type"][] = ["counter", "gauge", "histogram"];
const UNITS: readonly MetricFamily["unit"][] = ["1", "ns"];
const PARTS: readonly SeriesPart[] = ["value", "bucket", "sum"];
const UNBOUNDED = "+Inf";

/** Those that can be read. */
const VERSIONS = [1, DUMP_VERSION] as const;

function seriesOf(value: unknown, where: string, rows: number): SeriesWindow {
  const names = ["name", "type", "unit", "labels", "part", "values"];
  const fields = fieldsOf(value, where, names, ["upperBound"]);
  const type = oneOf(fields["type"], `${where}.type`, TYPES);
  const part = oneOf(fields["part"], `${where}.part`, PARTS);
  if ((type === "histogram") !== (part !== "value")) {
    throw new DumpError(`${where}.part`, `${part} is no part of a ${type}`);
  }
  const bound = fields["upperBound"];
  if ((part === "bucket") !== (bound !== undefined)) {
    throw new DumpError(
      where,
      part === "bucket" ? "upperBound is missing" : `upperBound is for buckets only`,
    );
  }
  const values = listOf(fields["values"], `${where}.values`, DUMP_LIMITS.values);
  if (values.length !== rows) {
    throw new DumpError(`${where}.values`, `${values.length} values for ${rows} timestamps`);
  }
  return {
    family: {
      name: textOf(fields["name"], `${where}.name`),
      type,
      help: "",
      unit: oneOf(fields["unit"], `${where}.unit`, UNITS),
    },
    labels: labelsOf(fields["labels"], `${where}.labels`),
    part,
    upperBound: bound === undefined || bound === UNBOUNDED
      ? undefined
      : integerOf(bound, `${where}.upperBound`, false),
    values: values.map((one, row) =>
      one === null ? undefined : integerOf(one, `${where}.values[${row}]`, type === "gauge")
    ),
  };
}

/** Lives and the moments of a clock. */
const MOMENT = ["timeMs", "monotonicMs"];

/** Milliseconds from 1970 that a date can have, before and after: ECMA-262, 21.4.1.1. */
const FARTHEST_MS = 8.64e15;

function timeOf(value: unknown, where: string): number {
  if (Number.isInteger(value) && Math.abs(value as number) <= FARTHEST_MS) return value as number;
  throw unexpected(where, "whole milliseconds since 1970", value);
}

function finiteOf(value: unknown, where: string): number {
  if (typeof value === "number" && Math.abs(value) <= FARTHEST_MS) return value;
  throw unexpected(where, "milliseconds", value);
}

function integerNumberOf(value: unknown, where: string): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw unexpected(where, "a whole number", value);
}

function momentOf(fields: Fields, where: string): Moment {
  return {
    timeMs: finiteOf(fields["timeMs"], `${where}.timeMs`),
    monotonicMs: finiteOf(fields["monotonicMs"], `${where}.monotonicMs`),
  };
}

/** A field if it is there, read by a function. */
function optional<Name extends string, T>(
  fields: Fields,
  where: string,
  name: Name,
  read: (value: unknown, where: string) => T,
): Partial<Record<Name, T>> {
  return Object.hasOwn(fields, name)
    ? { [name]: read(fields[name], `${where}.${name}`) } as Record<Name, T>
    : {};
}

function booleanOf(value: unknown, where: string): boolean {
  if (typeof value === "boolean") return value;
  throw unexpected(where, "true or false", value);
}

function lifeTargetOf(value: unknown, where: string): LifeTarget {
  const fields = fieldsOf(value, where, ["comm"], ["pid", "cgroup"]);
  return {
    comm: textOf(fields["comm"], `${where}.comm`),
    ...optional(fields, where, "pid", integerNumberOf),
    ...optional(fields, where, "cgroup", textOf),
  };
}

function lifeEndOf(value: unknown, where: string): LifeEnd {
  const fields = fieldsOf(value, where, [...MOMENT, "how"], ["status", "signal", "dumpedCore"]);
  return {
    ...momentOf(fields, where),
    how: oneOf(fields["how"], `${where}.how`, LIFE_ENDS),
    ...optional(fields, where, "status", integerNumberOf),
    ...optional(fields, where, "signal", integerNumberOf),
    ...optional(fields, where, "dumpedCore", booleanOf),
  };
}

function lifeOf(value: unknown, where: string): Life {
  const fields = fieldsOf(value, where, ["number", "target", "begin"], ["end"]);
  const begin = momentOf(fieldsOf(fields["begin"], `${where}.begin`, MOMENT), `${where}.begin`);
  const end = optional(fields, where, "end", lifeEndOf);
  if (end.end !== undefined && end.end.monotonicMs < begin.monotonicMs) {
    throw new DumpError(`${where}.end.monotonicMs`, `${end.end.monotonicMs} is before the beginning`);
  }
  return {
    number: integerNumberOf(fields["number"], `${where}.number`),
    target: lifeTargetOf(fields["target"], `${where}.target`),
    begin,
    ...end,
  };
}

/** Times of version 1, which had only the wall clock's: where that was set back, no time has passed. */
function monotonicFrom(timesMs: readonly number[]): number[] {
  let last = -Infinity;
  return timesMs.map((time) => last = Math.max(last, time));
}

function ascending(times: readonly number[], where: string): readonly number[] {
  const back = times.findIndex((time, row) => row > 0 && time < times[row - 1]!);
  if (back < 0) return times;
  throw new DumpError(
    `${where}[${back}]`,
    `${times[back]} after ${times[back - 1]}, the clock never goes back`,
  );
}

function sourceOf(value: unknown, where: string, version: number): SourceWindow {
  const isFirst = version === 1;
  const names = ["source", "timesMs", "series", ...isFirst ? [] : ["monotonicMs"]];
  const fields = fieldsOf(value, where, names, isFirst ? [] : ["life"]);
  const { source, timesMs, series } = fields;
  const times = listOf(timesMs, `${where}.timesMs`, DUMP_LIMITS.values)
    .map((time, row) => timeOf(time, `${where}.timesMs[${row}]`));
  const monotonicMs = isFirst ? monotonicFrom(times) : ascending(
    listOf(fields["monotonicMs"], `${where}.monotonicMs`, DUMP_LIMITS.values)
      .map((time, row) => finiteOf(time, `${where}.monotonicMs[${row}]`)),
    `${where}.monotonicMs`,
  );
  if (monotonicMs.length !== times.length) {
    throw new DumpError(`${where}.monotonicMs`, `${monotonicMs.length} times for ${times.length} timestamps`);
  }
  const list = listOf(series, `${where}.series`, DUMP_LIMITS.items);
  const size = list.length * times.length;
  if (size > DUMP_LIMITS.values) {
    throw new DumpError(`${where}.series`, `${size} values, at most ${DUMP_LIMITS.values} are read`);
  }
  return {
    source: textOf(source, `${where}.source`),
    ...optional(fields, where, "life", integerNumberOf),
    timesMs: times,
    monotonicMs,
    series: list.map((one, index) => seriesOf(one, `${where}.series[${index}]`, times.length)),
  };
}

/**
 * Reads a dump.
 *
 * @param text JSON of a {@linkcode RecorderDump}
 * @returns what had been dumped; help texts, which a dump does not have, are empty
 * @throws {DumpError} if the text is no dump of a version that is known, or too large
 *
 * @example There and back
 * ```ts
 * import assert from "node:assert/strict";
 * import { dumpRecording } from "./dump_text.ts";
 *
 * const windows = [{ source: "iomonitor", timesMs: [1, 2], monotonicMs: [7, 8], series: [] }];
 * assert.deepEqual(readDump(JSON.stringify(dumpRecording({ lives: [], windows }))).windows, windows);
 * ```
 */
export function readDump(text: string): Recording {
  if (text.length > DUMP_LIMITS.characters) {
    throw new DumpError("", `${text.length} characters, at most ${DUMP_LIMITS.characters} are read`);
  }
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (error) {
    throw new DumpError("", `it is no JSON: ${messageOf(error)}`);
  }
  if (!isObject(tree)) throw unexpected("", "an object", tree);
  const version = VERSIONS.find((known) => known === tree["version"]);
  if (version === undefined) throw unexpected("version", VERSIONS.join(" or "), tree["version"]);
  const fields = fieldsOf(tree, "", ["version", "sources", ...version === 1 ? [] : ["lives"]]);
  return {
    lives: listOf(version === 1 ? [] : fields["lives"], "lives", DUMP_LIMITS.items)
      .map((life, index) => lifeOf(life, `lives[${index}]`)),
    windows: listOf(fields["sources"], "sources", DUMP_LIMITS.items)
      .map((source, index) => sourceOf(source, `sources[${index}]`, version)),
  };
}
