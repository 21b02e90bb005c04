/** strace as the second opinion on what a process did. @module */
import { Child } from "../support/child.ts";

/** Calls of one system call. */
export interface Calls {
  readonly succeeded: number;
  readonly failed: number;
  /** Those of the failed ones that returned EAGAIN. */
  readonly again: number;
  /** Sum of what the calls that succeeded returned. */
  readonly returned: number;
}

const SYSCALLS = "read,pread64,fadvise64";

/** Traces a process and everything it starts; attached when this returns, ended when they have. */
export async function startStrace(pid: number, log: string): Promise<Child> {
  const args = ["-f", "-C", "-s", "0", "-e", `trace=${SYSCALLS}`, "-o", log, "-p", String(pid)];
  const strace = new Child("strace", { args });
  await strace.said(/Process \d+ attached/);
  return strace;
}

/** `0` where strace's table leaves a column empty. */
function tableRow(log: string, syscall: string): { calls: number; errors: number } {
  const row = new RegExp(`^ *[\\d.]+ +[\\d.]+ +\\d+ +(\\d+) +(\\d+)? *${syscall}$`, "m").exec(log);
  return { calls: Number(row?.[1] ?? 0), errors: Number(row?.[2] ?? 0) };
}

/**
 * The calls in a log with a table at its end: `strace -f -C`.
 *
 * @throws {Error} if log and table do not tell the same
 */
export function callsIn(log: string, syscall: string): Calls {
  const line = new RegExp(
    `^\\d+ +(?:<\\.\\.\\. ${syscall} resumed>|${syscall}\\().* = (-?\\d+|\\?)(?: E\\w+ .*)?$`,
    "gm",
  );
  const matches = [...log.matchAll(line)];
  const results = matches.map(([text, result]) => / E\w+ \(/.test(text) ? -1 : Number(result));
  const returned = results.filter((result) => result >= 0);
  const counted = { calls: results.length, errors: results.length - returned.length };
  const table = tableRow(log, syscall);
  if (counted.calls !== table.calls || counted.errors !== table.errors) {
    throw new Error(`Cannot read strace's log: ${JSON.stringify({ syscall, counted, table })}`);
  }
  return {
    succeeded: returned.length,
    failed: counted.errors,
    again: matches.filter(([text]) => text.includes(" EAGAIN (")).length,
    returned: returned.reduce((sum, bytes) => sum + bytes, 0),
  };
}
