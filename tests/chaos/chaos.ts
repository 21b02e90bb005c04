/** Rounds of chaos, and what became of the agent in each. @module */
import { valueOf } from "../support/exposition.ts";
import { Stage } from "../support/stage.ts";
import { within } from "../support/until.ts";
import { missedBetween } from "../soak/figures.ts";
import { type Actor, ACTORS } from "./actors.ts";
import { Scraper } from "./scraper.ts";
import { INTERVAL_MS, makeWorld, type World } from "./world.ts";

/** A round. */
export interface RoundPlan {
  readonly seconds: number;
  /** All of them unless given. */
  readonly actors?: readonly Actor[];
}

/** What was seen of a round. */
export interface Round {
  readonly minutes: number;
  /** Collections that time had room for, less those that there were. */
  readonly missed: number;
  readonly scrapes: number;
  /** The highest resident set, in kilobytes. */
  readonly highestKb: number;
  /** From SIGTERM to the end, in milliseconds, and the exit code. */
  readonly endMs: number;
  readonly code: number;
  /** Lines that the agent did not write because its log was not read, if it says so. */
  readonly dropped: number | undefined;
  /** How many times the agent has seen the target end. */
  readonly ends: number;
  /** How often each of the actors has done what it does. */
  readonly deeds: Readonly<Record<string, number>>;
  /** Lines of the log that report an error, but for those that the actors cause on purpose. */
  readonly errors: readonly string[];
}

/** What an agent may report as an error: a file in the place of its configuration that is none. */
const EXPLAINED = /Cannot reload the configuration/;

/** Long enough to see that an agent that should take two seconds does not end at all. */
const END_DEADLINE_MS = 30_000;

function highestKb(pid: number): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

function endsIn(text: string): number {
  const counts = text.matchAll(/^ktm_target_ends_total\{how="\w+"\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Scrapes once a second until the round is over. */
async function scrapeAll(
  scraper: Scraper,
  signal: AbortSignal,
): Promise<{ scrapes: number; missed: number; ms: number; text: string }> {
  const look = async () => {
    const text = await scraper.scrape();
    return {
      text,
      look: { atMs: performance.now(), collections: valueOf(text, "ktm_collections_total") ?? NaN },
    };
  };
  const first = await look();
  let last = first;
  let scrapes = 1;
  for (; !signal.aborted; scrapes++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    last = await look();
  }
  const missed = missedBetween(first.look, last.look, INTERVAL_MS);
  return { scrapes, missed, ms: last.look.atMs - first.look.atMs, text: last.text };
}

/** Throws an error a second later. */
async function afterwards(error: unknown): Promise<never> {
  await new Promise((resolve) => setTimeout(resolve, 1000));
  throw error;
}

/** Has all actors act on an agent, and ends it while they do. */
async function act(world: World, seconds: number, actors: readonly Actor[]): Promise<Round> {
  const { agent: { child, address } } = world;
  using scraper = new Scraper(address);
  const over = new AbortController();
  const deeds = actors.map(async ({ name, act }) => [name, await act(world, over.signal)] as const);
  // One that fails ends the round at once, and so does the agent's death.
  const never = () => new Promise<never>(() => {});
  const failed = Promise.all(deeds).then(never);
  let isEnding = false;
  const died = child.ended.then((code) => {
    if (!isEnding) throw new Error(`Cannot go on: the agent has ended with ${code}: ${world.log.text}`);
    return never();
  });
  try {
    const time = AbortSignal.timeout(seconds * 1000);
    // A scrape that fails may be the first sign of a death.
    const scraped = scrapeAll(scraper, time).catch((error) => Promise.race([died, afterwards(error)]));
    const seen = await Promise.race([died, scraped, failed]);
    const highest = highestKb(child.pid);
    isEnding = true;
    const told = performance.now();
    child.kill("SIGTERM");
    const { code } = await within("end of the agent", END_DEADLINE_MS, child.outcome());
    const endMs = performance.now() - told;
    over.abort();
    return {
      minutes: seen.ms / 60_000,
      missed: seen.missed,
      scrapes: seen.scrapes,
      highestKb: highest,
      endMs: Math.round(endMs),
      code,
      dropped: valueOf(seen.text, "ktm_log_lines_dropped_total"),
      ends: endsIn(seen.text),
      deeds: Object.fromEntries(await Promise.all(deeds)),
      errors: world.log.text.split("\n").filter((line) => / ERROR /.test(line) && !EXPLAINED.test(line)),
    };
  } finally {
    isEnding = true;
    over.abort();
    await Promise.allSettled(deeds);
  }
}

/** Makes a round. */
export async function makeRound({ seconds, actors = ACTORS }: RoundPlan): Promise<Round> {
  await using stage = new Stage();
  await using undo = new AsyncDisposableStack();
  return await act(await makeWorld(stage, undo), seconds, actors);
}
