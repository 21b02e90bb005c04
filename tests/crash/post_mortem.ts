/** One death of a watched target, and all that has to be left of the time before it. @module */
import assert from "node:assert/strict";
import type { Agent } from "../support/agent.ts";
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
  rowsOf,
} from "./evidence.ts";
import { ENDLESSLY, type Ledger } from "./ledger.ts";
import { dumpOf, Recording, untilUnwatched, untilWatched } from "./recording.ts";

/** The source that holds the target's reads. */
const SOURCE = "iomonitor";

/** Calls in the last moments, which no regular collection may have seen. */
const LAST_READS = 50;

/** A target that is to die. */
export interface Victim {
  /** By its number on this machine, and as the agent sees it. */
  readonly pid: number;
  readonly seenPid?: number;
  readonly ledger: Ledger;
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
  /** What became of the rows that were seen before. */
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

function isGone(pid: number): boolean {
  try {
    return /^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return true;
  }
}

/** The last row that counts reads of a life, or of all where a dump has no lives. */
function lastRow(dump: Dump, life: number | undefined): Row | undefined {
  return listRows(dump).findLast((row) =>
    row.source === SOURCE && row.life === life && countOf(row, READ_LATENCY) !== undefined
  );
}

/**
 * Has a target be watched for a second, make calls, and die.
 *
 * @param next waits for what comes after the death, until which nothing is looked at
 */
export async function observeDeath(
  agent: Agent,
  { pid, seenPid = pid, ledger }: Victim,
  death: Death,
  next: () => Promise<void> = () => Promise.resolve(),
): Promise<PostMortem> {
  const number = ledger.lives;
  await untilWatched(agent, seenPid);
  ledger.allow(ENDLESSLY, number);
  const recording = new Recording(agent);
  await recording.fill(SOURCE);
  ledger.allow(0, number);
  const rest = await until("rest of the target", async () => {
    const { done, begun } = ledger.reads(number);
    const counted = await agent.reads();
    return done === begun && ledger.reads(number).begun === begun && { done, counted };
  });
  await recording.look();

  ledger.allow(rest.done + LAST_READS, number);
  await until("last calls", () => ledger.reads(number).done === rest.done + LAST_READS);
  const fromMs = Date.now();
  death.cause(ledger, pid);
  await until(`death of process ${pid}`, () => isGone(pid));
  const toMs = Date.now();
  await untilUnwatched(agent, seenPid);
  await next();

  const { dump, text } = await dumpOf(agent);
  const life = dump.lives?.findLast(({ end }) => end !== undefined);
  const last = lastRow(dump, life?.number);
  return {
    death,
    dump,
    text,
    fromMs,
    toMs,
    losses: losses(recording.rows, rowsOf(dump)),
    missed: missedCollections(listRows(dump)),
    life,
    last,
    counted: last && countOf(last, READ_LATENCY),
    done: rest.counted + LAST_READS,
  };
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
