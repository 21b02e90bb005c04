/** One death of a watched target, and all that has to be left of the time before it. @module */
import assert from "node:assert/strict";
import { until } from "../support/until.ts";
import { assertEnd, assertTold, type Death, explained } from "./deaths.ts";
import {
  countOf,
  type Dump,
  type DumpedLife,
  listRows,
  type Losses,
  losses,
  missedCollections,
  READ_LATENCY,
  type Row,
  type Rows,
  rowsOf,
} from "./evidence.ts";
import { ENDLESSLY, type Ledger } from "./ledger.ts";
import { isGone } from "./processes.ts";
import { dumpOf, Recording, type Sign, untilUnwatched, untilWatched } from "./recording.ts";

/** The source that holds the target's reads. */
const SOURCE = "iomonitor";

/** Calls in the last moments, which no regular collection may have seen. */
const LAST_READS = 50;

/** A target that is to die. */
export interface Victim {
  /** On this machine. */
  readonly pid: number;
  readonly ledger: Ledger;
}

/** What is seen of an agent, and by what that tells the target. */
export interface View {
  readonly recording: Recording;
  readonly sign: Sign;
}

/** What was seen of a death. */
export interface PostMortem {
  readonly death: Death;
  readonly dump: Dump;
  /** The text of the dump. */
  readonly text: string;
  /** Epoch milliseconds between which it died. */
  readonly fromMs: number;
  readonly toMs: number;
  /** All rows that were ever seen before, and what became of them. */
  readonly rows: Rows;
  readonly losses: Losses;
  /** Numbers of collections that have no row. */
  readonly missed: readonly number[];
  /** The life that ended, if the dump knows of one. */
  readonly life: DumpedLife | undefined;
  /** Its last row that counts reads, how many that has, and how many there were. */
  readonly last: Row | undefined;
  readonly counted: number | undefined;
  readonly done: number;
}

/** The last row that counts reads of a life; where a dump has no lives, the last one before a death. */
function lastRow(dump: Dump, life: DumpedLife | undefined, deathMs: number): Row | undefined {
  const belongs = (row: Row) => life === undefined ? row.timeMs <= deathMs : row.life === life.number;
  return listRows(dump).findLast((row) =>
    row.source === SOURCE && belongs(row) && countOf(row, READ_LATENCY) !== undefined
  );
}

/**
 * Has a target make calls for a second and rest, and takes what agents have recorded of it.
 *
 * @returns how many calls each of the agents has counted
 */
async function lookBefore(views: readonly View[], ledger: Ledger, life: number): Promise<number[]> {
  for (const { recording, sign } of views) await untilWatched(recording.agent, sign);
  ledger.allow(ENDLESSLY, life);
  for (const { recording } of views) await recording.fill(SOURCE);
  ledger.allow(0, life);
  await until("rest of the target", () => {
    const { begun } = ledger.reads(life);
    const { done } = ledger.reads(life);
    return done === begun && ledger.reads(life).begun === begun;
  });
  const counted: number[] = [];
  for (const { recording } of views) {
    counted.push(await recording.agent.reads());
    await recording.look();
  }
  return counted;
}

async function lookAfter({ agent, rows }: Recording, done: number, deathMs: number) {
  const { dump, text } = await dumpOf(agent);
  const life = dump.lives?.findLast(({ end }) => end !== undefined);
  const last = lastRow(dump, life, deathMs);
  return {
    dump,
    text,
    rows,
    losses: losses(rows, rowsOf(dump)),
    missed: missedCollections(listRows(dump)),
    life,
    last,
    counted: last && countOf(last, READ_LATENCY),
    done,
  };
}

/**
 * Has a target be watched for a second, make calls, and die.
 *
 * @param views all agents that watch it
 * @param next waits for what comes after the death, until which nothing is looked at
 * @returns what each of the agents has to say
 */
export async function observeDeath(
  views: readonly View[],
  { pid, ledger }: Victim,
  death: Death,
  next: () => Promise<void> = () => Promise.resolve(),
): Promise<PostMortem[]> {
  const number = ledger.lives;
  const counted = await lookBefore(views, ledger, number);
  const { done } = ledger.reads(number);
  ledger.allow(done + LAST_READS, number);
  await until("last calls", () => ledger.reads(number).done === done + LAST_READS);
  const fromMs = Date.now();
  death.cause(ledger, pid);
  await until(`death of process ${pid}`, () => isGone(pid));
  const toMs = Date.now();
  for (const { recording, sign } of views) await untilUnwatched(recording.agent, sign);
  await next();
  const seen: PostMortem[] = [];
  for (const [index, { recording }] of views.entries()) {
    seen.push({ death, fromMs, toMs, ...await lookAfter(recording, counted[index]! + LAST_READS, toMs) });
  }
  return seen;
}

/** Asserts that an agent has kept every row, counted the last calls, and tells of the death first. */
export async function assertKept(seen: PostMortem): Promise<void> {
  const { death, life, fromMs, toMs, losses: { rows, missing, changed } } = seen;
  assert.ok(
    missing.length + changed.length === 0,
    `after ${death.name} ${missing.length} of ${rows} rows are missing, ${changed.length} have changed`,
  );
  assert.deepEqual(seen.missed, [], "collections without a row");
  assert.ok(life !== undefined, "the dump tells of no death");
  assertEnd(life, death, fromMs, toMs);
  assert.equal(seen.counted, seen.done, "reads in the last row");
  assertTold(await explained(seen.text), death, fromMs, toMs);
}
