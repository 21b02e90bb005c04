/** The two forms that a log entry takes. Pure. @module */
import type { LogFormat, LogLevel } from "./config_keys.ts";

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
function printable(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? value.message : value;
}

function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => printable(inner));
}

/** What most words are made of: Unicode's tables are large, and made only where they are needed. */
const USUAL_WORD = /^[\w./:,@%+-]+$/;
const USUAL_MESSAGE = /^[ -~]*$/;

/** A text as it is, or quoted where it would not read as one word. */
function word(value: unknown): string {
  const plain = printable(value);
  const reads = typeof plain === "string" && plain !== "" &&
    (USUAL_WORD.test(plain) || !/[\s"=]/.test(plain) && !/\p{C}/u.test(plain));
  return reads ? plain : stringify(plain);
}

/** The message with line breaks and other control characters written as JSON writes them. */
export function inOneLine(message: string): string {
  if (USUAL_MESSAGE.test(message)) return message;
  return message.replaceAll(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** One line for people: time, level, message, then `key=value` for each property. */
export function formatText({ time, level, message, properties }: LogEntry): string {
  const pairs = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${word(value)}`);
  return [time.toISOString(), level.toUpperCase().padEnd(5), inOneLine(message), ...pairs].join(" ");
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
