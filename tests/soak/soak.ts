/** An agent that works for a while under all that can happen to it in years. @module */
import { type Agent, startAgent } from "../support/agent.ts";
import type { Child } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { openFiles, residentKb } from "../support/kernel/process_figures.ts";
import { Stage } from "../support/stage.ts";
import { startFioReaders } from "../support/target/fio_readers.ts";
import { type Figures, figuresOf, type Look } from "./figures.ts";

/** How long it takes, in seconds. */
export interface SoakPlan {
  /** Nothing that happens in the first seconds is looked at; the Flight Recorder is full by then. */
  readonly warmUp: number;
  /** How long the agent is looked at from then on. */
  readonly watched: number;
}

/** What {@linkcode startAgent} asks for. */
const INTERVAL_MS = 100;

/** Full in less than half a minute: a row is some 2 kB. */
const RECORDER_LIMIT = "512KiB";

/** What else the machine does is no fault of the agent. */
const FIRST_IN_LINE = ["chrt", "--rr", "1"];

/** Seconds. */
const [RESTART_EVERY, RELOAD_EVERY] = [20, 60];

/**
 * Some calls at a time, then a rest: some 40,000 a second. Between single calls fio would not sleep but wait on
 * the processor.
 */
const PACE = ["--thinktime=10ms", "--thinktime_blocks=250"];

/** Looks at the agent; undefined while it does not watch, when it holds other descriptors. */
async function look(agent: Agent, targets: number): Promise<Look | undefined> {
  const { text } = await agent.get("/metrics");
  const atMs = performance.now();
  if (valueOf(text, "ktm_target_up") !== 1) return undefined;
  return {
    atMs,
    collections: valueOf(text, "ktm_collections_total") ?? NaN,
    residentKb: residentKb(agent.child.pid),
    descriptors: openFiles(agent.child.pid),
    targets,
  };
}

async function restarted(stage: Stage, target: Child): Promise<Child> {
  target.kill("SIGKILL");
  await target.outcome();
  return startFioReaders(stage, PACE);
}

/**
 * Runs an agent at 100 ms, with a busy target that is killed every 20 s, a scrape a second and another
 * configuration a minute.
 *
 * @param onLook told of what is seen
 */
export async function soak(
  { warmUp, watched }: SoakPlan,
  onLook: (look: Look) => void = () => {},
): Promise<Figures> {
  await using stage = new Stage();
  const config = `${stage.directory}/ktm.yaml`;
  const configure = (level: string) =>
    Deno.writeTextFileSync(
      config,
      `collector: {ebpf: {comm_prefix: ${stage.prefix}}}\nlog: {level: ${level}}\n`,
    );
  configure("info");
  const options = ["--config", config, "--recorder-memory-limit", RECORDER_LIMIT];
  await using agent = await startAgent(options, FIRST_IN_LINE);
  let target = startFioReaders(stage, PACE);
  let targets = 1;
  const looks: Look[] = [];
  const begin = performance.now();
  for (let second = 1; second <= warmUp + watched; second++) {
    await new Promise((resolve) =>
      setTimeout(resolve, Math.max(0, begin + 1000 * second - performance.now()))
    );
    const seen = await look(agent, targets);
    if (seen !== undefined && second > warmUp) {
      looks.push(seen);
      onLook(seen);
    }
    if (second % RESTART_EVERY === 0) {
      target = await restarted(stage, target);
      targets++;
    }
    if (second % RELOAD_EVERY === 0) {
      configure(second % (2 * RELOAD_EVERY) === 0 ? "info" : "debug");
      agent.child.kill("SIGHUP");
    }
  }
  return figuresOf(looks, agent.child.stderr, INTERVAL_MS);
}
