/** What an agent's Flight Recorder had, as seen from outside before a target died, and what it has afterwards. @module */
import { type Agent, READS } from "../support/agent.ts";
import { valueOf } from "../support/exposition.ts";
import { until } from "../support/until.ts";
import { type Dump, type Row, type Rows, rowsOf } from "./evidence.ts";

/** Rows that have to be seen before a target dies: a second of them. */
const ENOUGH_ROWS = 10;

/** Asks for a period of the recorder; one answer is made at a time, so it may take a while. */
export async function dumpOf(agent: Agent, query = "?last=15m"): Promise<{ dump: Dump; text: string }> {
  const text = await until("dump of the recorder", async () => {
    const { status, text } = await agent.get(`/recorder${query}`);
    if (status !== 200 && status !== 503) throw new Error(`Cannot get a dump: ${status} ${text}`);
    return status === 200 && text;
  });
  return { dump: JSON.parse(text), text };
}

/** Collects rows of an agent while they are young, whatever becomes of them later. */
export class Recording {
  readonly #agent: Agent;
  readonly #rows = new Map<string, Row>();

  constructor(agent: Agent) {
    this.#agent = agent;
  }

  /** Every row that was ever seen. */
  get rows(): Rows {
    return this.#rows;
  }

  /** Takes what the agent has of the last seconds. */
  async look(): Promise<void> {
    const { dump } = await dumpOf(this.#agent, "?last=10s");
    for (const [name, row] of rowsOf(dump)) this.#rows.set(name, row);
  }

  /** Waits until so many rows of a source hold the target's reads, and takes them. */
  async fill(source: string, count = ENOUGH_ROWS): Promise<void> {
    const first = this.#rows.size;
    await until(`rows of ${source}`, async () => {
      await this.look();
      return this.#rows.values().drop(first).filter((row) => row.source === source).toArray().length >= count;
    });
  }
}

/** What an agent says of its target at the moment. */
export interface Watched {
  readonly isUp: boolean;
  /** As the agent sees it, if it does. */
  readonly pid: number | undefined;
  readonly reads: number | undefined;
}

/** Asks an agent whom it watches. */
export async function watched(agent: Agent): Promise<Watched> {
  const { text } = await agent.get("/metrics");
  const pid = /^ktm_target_info\{.*\bpid="(\d+)"/m.exec(text)?.[1];
  return {
    isUp: valueOf(text, "ktm_target_up") === 1,
    pid: pid === undefined ? undefined : Number(pid),
    reads: valueOf(text, READS),
  };
}

/** Waits until an agent watches a process of this number. */
export async function untilWatched(agent: Agent, pid: number, deadlineMs?: number): Promise<void> {
  await until(`sign that process ${pid} is watched: ${agent.child.stderr}`, async () => {
    const now = await watched(agent);
    return now.isUp && now.pid === pid;
  }, deadlineMs);
}

/** Waits until an agent does not watch a process any more. */
export async function untilUnwatched(agent: Agent, pid: number): Promise<void> {
  await until(`sign that process ${pid} is not watched`, async () => {
    const now = await watched(agent);
    return !now.isUp || now.pid !== pid;
  });
}
