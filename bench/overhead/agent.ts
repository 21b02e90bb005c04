/** What the agent itself uses. @module */
import { residentKb } from "../../tests/support/kernel/process_figures.ts";
import { startKtm } from "../../tests/support/ktm.ts";

/** What a process used while it was looked at. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssKiB: number;
}

/**
 * Milliseconds that the threads of a process have run: the first number of their `schedstat`, which is exact where
 * `stat` has hundredths of a second.
 */
function runTime(pid: number): number {
  const tasks = [...Deno.readDirSync(`/proc/${pid}/task`)];
  const times = tasks.map(({ name }) => Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`));
  return times.reduce((sum, text) => sum + parseInt(text), 0) / 1e6;
}

/** Until the engine has cleaned up once after the start, which it does half a minute later. */
const SETTLING_MS = 45_000;

/**
 * Starts `ktm run` with the default interval and looks at it once it has settled, from between two collections on.
 *
 * @param commPrefix the target's
 * @param seconds how long
 */
export async function agentUsage(commPrefix: string, seconds: number): Promise<Usage> {
  await using agent = startKtm(["run", "--comm-prefix", commPrefix]);
  await agent.said(/Watching the target/);
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  const before = runTime(agent.pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  return { cpuMs: runTime(agent.pid) - before, rssKiB: residentKb(agent.pid) };
}
