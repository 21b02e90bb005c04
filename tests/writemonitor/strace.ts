/** strace as the second opinion on writes: it tells what each descriptor is. @module */
import { Child } from "../support/child.ts";

const WRITES = ["write", "pwrite64", "writev", "pwritev", "pwritev2"];
const SYNCS = ["fsync", "fdatasync", "sync_file_range"];

/** Calls that succeeded, what they returned, and calls that failed. */
export type Traced = readonly [succeeded: number, returned: number, failed: number];

/** Traces a process and all of its threads; attached when this returns. */
export async function traceWrites(pid: number, log: string): Promise<Child> {
  const calls = [...WRITES, ...SYNCS].join(",");
  const args = ["-f", "-y", "-T", "-s", "0", "-e", `trace=${calls}`, "-o", log, "-p", String(pid)];
  const strace = new Child("strace", { args });
  await strace.said(/Process \d+ attached/);
  return strace;
}

/** One call in a log. */
interface Line {
  readonly call: string;
  /** What its descriptor is: a path, or what strace has for things that have none. */
  readonly file: string;
  readonly result: number;
  /** Nanoseconds. */
  readonly ns: number;
}

function linesOf(log: string): Line[] {
  const pattern = /^\d+ +(\w+)\((-?\d+)(?:<(.*?)>)?[,)].*?\)? += (-?\d+).* <(\d+\.\d+)>$/gm;
  return [...log.matchAll(pattern)].map(([, call, , file = "", result, seconds]) => ({
    call: call!,
    file,
    result: Number(result),
    ns: Number(seconds) * 1e9,
  }));
}

function total(lines: readonly Line[]): Traced {
  const succeeded = lines.filter(({ result }) => result >= 0);
  return [
    succeeded.length,
    succeeded.reduce((sum, { result }) => sum + result, 0),
    lines.length - succeeded.length,
  ];
}

/** What strace saw of a log in which no call is told in two lines. */
export interface Seen {
  /** Writes to one file. */
  readonly writes: Traced;
  /** Writes to anything else. */
  readonly others: number;
  /** Each call of {@linkcode SYNCS}. */
  readonly syncs: Readonly<Record<string, Traced>>;
  /** Nanoseconds in writes to the file that succeeded, and in such fsyncs, strace's own time with them. */
  readonly writeNs: number;
  readonly fsyncNs: number;
}

/**
 * Reads a log of {@linkcode traceWrites}.
 *
 * @param path the file that is written to
 */
export function seenIn(log: string, path: string): Seen {
  if (/unfinished|resumed/.test(log)) throw new Error("Cannot read strace's log: calls of several threads");
  const lines = linesOf(log);
  const writes = lines.filter(({ call }) => WRITES.includes(call));
  const toFile = writes.filter(({ file }) => file === path);
  const time = (some: readonly Line[]) =>
    some.reduce((sum, { ns, result }) => result >= 0 ? sum + ns : sum, 0);
  const of = (name: string) => lines.filter(({ call }) => call === name);
  return {
    writes: total(toFile),
    others: writes.length - toFile.length,
    syncs: Object.fromEntries(SYNCS.map((name) => [name, total(of(name))])),
    writeNs: time(toFile),
    fsyncNs: time(of("fsync")),
  };
}
