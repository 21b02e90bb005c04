/**
 * The program's log on standard error.
 *
 * No library: LogTape, the one that needs no permission, costs 5 MB of resident memory for what is said here
 * in a page.
 *
 * @module
 */
import type { LogFormat, LogLevel } from "./config_keys.ts";
import { FORMATTERS, type LogEntry, type LogProperties } from "./log_format.ts";

/** Writes one entry; properties say what would make the message different each time. */
export type LogFunction = (message: string, properties?: LogProperties) => void;

/** Where the rest of the program sends what it has to say. */
export type Logger = Readonly<Record<LogLevel, LogFunction>>;

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** How the log is written. */
export interface LogSettings {
  /** The least level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
}

let settings: LogSettings = { level: "info", format: "text" };

/** Sets level and format for every entry from now on, also after a start: SIGHUP may change them. */
export function configureLogging(changed: LogSettings): void {
  settings = changed;
}

function writeEntry(entry: LogEntry): void {
  console.error(FORMATTERS[settings.format](entry));
}

let take: (entry: LogEntry) => void = writeEntry;

/**
 * Hands every entry over instead of writing it, until the result is disposed: for a program that has the terminal
 * to itself.
 */
export function divertLog(taker: (entry: LogEntry) => void): Disposable {
  take = taker;
  return { [Symbol.dispose]: () => void (take = writeEntry) };
}

function logFunction(level: LogLevel): LogFunction {
  return (message, properties = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(settings.level)) return;
    take({ time: new Date(), level, message, properties });
  };
}

/** The log. */
export const log: Logger = {
  debug: logFunction("debug"),
  info: logFunction("info"),
  warn: logFunction("warn"),
  error: logFunction("error"),
};
