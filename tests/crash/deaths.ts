/** How targets die in tests, and what an agent has to say of each. @module */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { ktm } from "../support/ktm.ts";
import { temporaryDirectory } from "../support/temp_dir.ts";
import type { DumpedLife } from "./evidence.ts";
import type { Ledger } from "./ledger.ts";

/** A way to die. */
export interface Death {
  readonly name: string;
  /** Ends the life of a process. */
  readonly cause: (ledger: Ledger, pid: number) => void;
  /** What the recorder says of the end, but for when. */
  readonly end: {
    readonly how: "exit" | "signal" | "oom";
    readonly signal?: number;
    readonly status?: number;
  };
  /** What an explanation says. */
  readonly words: RegExp;
}

/** The deaths of issue reports. */
export const DEATHS = {
  segv: {
    name: "SIGSEGV",
    cause: (ledger) => ledger.order("segv"),
    end: { how: "signal", signal: 11 },
    words: /SIGSEGV|signal 11/,
  },
  kill: {
    name: "SIGKILL",
    cause: (_ledger, pid) => Deno.kill(pid, "SIGKILL"),
    end: { how: "signal", signal: 9 },
    words: /SIGKILL|signal 9/,
  },
  oom: {
    name: "the OOM killer",
    cause: (ledger) => ledger.order("hog"),
    end: { how: "oom", signal: 9 },
    words: /\bOOM\b|out of memory/i,
  },
  exit: {
    name: "exit status 3",
    cause: (ledger) => ledger.order("exit"),
    end: { how: "exit", status: 3 },
    words: /status 3\b/,
  },
} as const satisfies Readonly<Record<string, Death>>;

/** How much later than the death its end may be noticed: the agent looks once a second. */
const LATENESS_MS = 1500;

/** How a life ended, but for when. */
function howOf({ end }: DumpedLife) {
  return end &&
    Object.fromEntries(Object.entries(end).filter(([key]) => ["how", "signal", "status"].includes(key)));
}

/** Whether a life has ended by a death. */
export function isEnd(life: DumpedLife, { end }: Death): boolean {
  return isDeepStrictEqual(howOf(life), end);
}

/** Asserts that a life has ended by a death between two times. */
export function assertEnd(life: DumpedLife, death: Death, fromMs: number, toMs: number): void {
  assert.deepEqual(howOf(life), death.end);
  const { timeMs } = life.end!;
  assert.ok(timeMs >= fromMs - 1 && timeMs <= toMs + LATENESS_MS, `ended at ${timeMs}: ${fromMs} to ${toMs}`);
}

/** The first lines of an explanation: title and summary. */
const HEAD_LINES = 3;

const ISO_TIMES = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** What `ktm explain --from -` prints of a dump. */
export async function explained(dump: string, options: readonly string[] = []): Promise<string> {
  await using directory = await temporaryDirectory();
  const path = directory.file("dump.json");
  await Deno.writeTextFile(path, dump);
  const { stdout, stderr } = await ktm(["explain", "--from", "-", ...options], [
    "sh",
    "-c",
    'exec "$@" <"$0"',
    path,
  ]);
  assert.equal(stderr, "");
  return stdout;
}

/** Asserts that an explanation begins with a death: how, and when. */
export function assertTold(explanation: string, { words }: Death, fromMs: number, toMs: number): void {
  const head = explanation.split("\n").slice(0, HEAD_LINES).join("\n");
  assert.match(head, words, explanation);
  const times = [...head.matchAll(ISO_TIMES)].map(([time]) => Date.parse(time));
  const isTold = times.some((time) => time >= fromMs - 1000 && time <= toMs + LATENESS_MS);
  assert.ok(isTold, `no time from ${fromMs} to ${toMs} in ${explanation}`);
}
