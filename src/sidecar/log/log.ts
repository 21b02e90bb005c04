/**
 * The program's log on standard error.
 *
 * No library: LogTape, the one that needs no permission, costs 5 MB of resident memory for what is said here
 * in a page.
 *
 * @module
 */
import type { LogFormat, LogLevel } from "../config/keys.ts";
import { FORMATTERS, type LogEntry, type LogProperties } from "./format.ts";
import { LogLimit } from "./limit.ts";
import { type LogOutput, standardError } from "./output.ts";

/** Writes one entry; properties say what would make the message different each time. */
export type LogFunction = (message: string, properties?: LogProperties) => void;

/** Where the rest of the program sends what it has to say. */
export type Logger = Readonly<Record<LogLevel, LogFunction>>;

/** Between two looks at entries that are held back. */
const LIMIT_LOOK_MS = 60_000;

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

/** An entry as a line; a property that cannot be shown does not cost the message. */
function lineOf(entry: LogEntry): string {
  try {
    return FORMATTERS[settings.format](entry);
  } catch (error) {
    return FORMATTERS[settings.format]({ ...entry, properties: { properties_lost: String(error) } });
  }
}

let output: LogOutput = standardError((lines, reason) =>
  lineOf({
    time: new Date(),
    level: "warn",
    message: `Log output resumed; ${lines} lines were dropped`,
    properties: { reason },
  })
);

/** Sends the lines of the log elsewhere until the result is disposed: for tests. */
export function replaceLogOutput(other: LogOutput): Disposable {
  const before = output;
  output = other;
  return { [Symbol.dispose]: () => void (output = before) };
}

const limit = new LogLimit((entry) => output.write(lineOf(entry)));
let limitTimer: ReturnType<typeof setTimeout> | undefined;

/** Has what is held back written when its minute is over, also if nothing else is said. */
function releaseLater(): void {
  if (limitTimer !== undefined || !limit.isHolding) return;
  limitTimer = setTimeout(() => {
    limitTimer = undefined;
    limit.release(performance.now());
    releaseLater();
  }, LIMIT_LOOK_MS);
  Deno.unrefTimer(limitTimer);
}

function writeEntry(entry: LogEntry): void {
  // Those who ask for debug lines want all lines.
  if (settings.level === "debug" || entry.isAnswer) return output.write(lineOf(entry));
  limit.take(entry, performance.now());
  releaseLater();
}

/** Opens standard error, which the first line does otherwise: some of it takes a right that may be given up. */
export function openLog(): void {
  output.open();
}

/** Lines of the log that found no room, since the start. */
export function droppedLogLines(): number {
  return output.dropped;
}

/** Writes a line that is no entry of the log: what a command says to the person who started it. */
export function writeErrorLine(line: string): void {
  output.write(line);
}

/** Writes the lines that are held back because others say the same. */
export function releaseHeldLines(): void {
  limit.end();
}

/** Writes what waits, as far as its reader takes it in a moment: for the end of the program. */
export async function endLog(): Promise<void> {
  clearTimeout(limitTimer);
  releaseHeldLines();
  await output.end();
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

function logFunction(level: LogLevel, isAnswer: boolean): LogFunction {
  return (message, properties = {}) => {
    if (LEVELS.indexOf(level) < LEVELS.indexOf(settings.level)) return;
    take({ time: new Date(), level, message, properties, isAnswer });
  };
}

function logger(isAnswer: boolean): Logger {
  return {
    debug: logFunction("debug", isAnswer),
    info: logFunction("info", isAnswer),
    warn: logFunction("warn", isAnswer),
    error: logFunction("error", isAnswer),
  };
}

/** The log; writing to it neither blocks nor throws. */
export const log: Logger = logger(false);

/** The log for what answers an operator, such as a reload: however often it says the same, no line is held back. */
export const answerLog: Logger = logger(true);
