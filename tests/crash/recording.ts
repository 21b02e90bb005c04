/** What an agent's Flight Recorder had, as seen from outside before a target died, and what it has afterwards. @module */
import type { Agent } from "../support/agent.ts";
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
  readonly agent: Agent;
  readonly #rows = new Map<string, Row>();

  constructor(agent: Agent) {
    this.agent = agent;
  }

  /** Every row that was ever seen. */
  get rows(): Rows {
    return this.#rows;
  }

  /** Takes what the agent has of the last seconds. */
  async look(): Promise<void> {
    const { dump } = await dumpOf(this.agent, "?last=10s");
    for (const [name, row] of rowsOf(dump)) this.#rows.set(name, row);
  }

  /** Waits for so many more rows of a source, and takes them with all others. */
  async fill(source: string, count = ENOUGH_ROWS): Promise<void> {
    const rows = () => this.#rows.values().filter((row) => row.source === source).toArray().length;
    await this.look();
    const enough = rows() + count;
    await until(`rows of ${source}`, async () => {
      await this.look();
      return rows() >= enough;
    });
  }
}

/** By what an agent tells a process from others: its number as the agent sees it, or the id of its cgroup. */
export interface Sign {
  readonly label: "pid" | "cgroup";
  readonly value: string;
}

/** By what an agent that sees all processes knows one. */
export function signOf(pid: number): Sign {
  return { label: "pid", value: String(pid) };
}

/** Whether an agent watches this process at the moment. */
async function watches(agent: Agent, { label, value }: Sign): Promise<boolean> {
  const { text } = await agent.get("/metrics");
  const info = /^ktm_target_info\{(.*)\} 1$/m.exec(text)?.[1] ?? "";
  return valueOf(text, "ktm_target_up") === 1 && info.includes(`${label}="${value}"`);
}

/** Waits until an agent watches a process. */
export async function untilWatched(agent: Agent, sign: Sign, deadlineMs?: number): Promise<void> {
  const what = `sign of ${sign.label} ${sign.value}: ${agent.child.stderr}`;
  await until(what, () => watches(agent, sign), deadlineMs);
}

/** Waits until an agent does not watch a process any more. */
export async function untilUnwatched(agent: Agent, sign: Sign): Promise<void> {
  await until(`end of ${sign.label} ${sign.value}`, async () => !await watches(agent, sign));
}
