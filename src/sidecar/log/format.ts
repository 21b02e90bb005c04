/** The two forms that a log entry takes. Pure. @module */
import { visible, visibleJson } from "../../metrics/mod.ts";
import type { LogFormat, LogLevel } from "../config/keys.ts";

/** What belongs to a log entry in addition to its message. */
export type LogProperties = Readonly<Record<string, unknown>>;

/** One log entry. */
export interface LogEntry {
  readonly time: Date;
  readonly level: LogLevel;
  readonly message: string;
  readonly properties: LogProperties;
  /** Whether it answers something that an operator has done: such a line is never held back. */
  readonly isAnswer?: boolean;
}

/** Integers of 64 bits as text and errors as their message, both of which JSON would lose. */
function jsonValue(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? value.message : value;
}

function stringify(value: unknown): string {
  return visibleJson(JSON.stringify(value, (_key, inner) => jsonValue(inner)));
}

/** What most words are made of: Unicode's tables are large, and made only where they are needed. */
const USUAL_WORD = /^[\w./:,@%+-]+$/;

/** A text as it is, or quoted where it would not read as one word. */
function word(value: unknown): string {
  const plain = jsonValue(value);
  const reads = typeof plain === "string" && plain !== "" &&
    (USUAL_WORD.test(plain) || !/[\s"=]/.test(plain) && !/\p{C}/u.test(plain));
  return reads ? plain : stringify(plain);
}

/** One line for people: time, level, message, then `key=value` for each property. */
export function formatText({ time, level, message, properties }: LogEntry): string {
  const pairs = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${word(value)}`);
  return [time.toISOString(), level.toUpperCase().padEnd(5), visible(message), ...pairs].join(" ");
}

/** One line of JSON; a property cannot take the place of time, level or message. */
export function formatJson({ time, level, message, properties }: LogEntry): string {
  const head = { time: time.toISOString(), level, message };
  return stringify({ ...head, ...properties, ...head });
}

/** The function for each format. */
export const FORMATTERS: Readonly<Record<LogFormat, (entry: LogEntry) => string>> = {
  text: formatText,
  json: formatJson,
};
