/** The agent of a round of chaos, and all that its actors reach of it. @module */
import { Agent } from "../support/agent.ts";
import type { Child } from "../support/child.ts";
import { startKtm } from "../support/ktm.ts";
import type { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { ENDLESSLY } from "../crash/ledger.ts";
import { MemoryCage } from "../crash/memory_cage.ts";
import { makeMortal, type Mortal } from "../crash/mortal.ts";

/** What the manifest in `deploy/kubernetes` gives. */
const MEMORY_LIMIT = 128 << 20;

/** Milliseconds between two collections. */
export const INTERVAL_MS = 100;

/** What else the machine does is no fault of the agent. */
const FIRST_IN_LINE = ["chrt", "--rr", "1"];

/** Copies a pipe to a file; the pipe holds a page and no more. Source: `F_SETPIPE_SZ` of `include/uapi/linux/fcntl.h`. */
const READER = `
import fcntl, os, sys
pipe = os.open(sys.argv[1], os.O_RDONLY)
fcntl.fcntl(pipe, 1031, 4096)
with open(sys.argv[2], "wb", buffering=0) as log:
    while data := os.read(pipe, 4096):
        log.write(data)
`;

/** Sends a signal to a program, unless it has ended: the agent does at the end of a round, and its log's reader then. */
function signal(child: Child, name: Deno.Signal): void {
  try {
    child.kill(name);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
}

/** A reader of the agent's log that can be stopped: then the pipe between them fills up. */
class LogReader {
  readonly fifo: string;
  readonly #file: string;
  readonly #reader: Child;

  static async start(stage: Stage): Promise<LogReader> {
    const fifo = `${stage.directory}/log.fifo`;
    const { success } = await new Deno.Command("mkfifo", { args: [fifo] }).output();
    if (!success) throw new Error(`Cannot make ${fifo}`);
    return new LogReader(stage, fifo);
  }

  private constructor(stage: Stage, fifo: string) {
    this.fifo = fifo;
    this.#file = `${stage.directory}/log`;
    this.#reader = stage.start("python3", ["-c", READER, fifo, this.#file], stage.cgroup);
  }

  get text(): string {
    try {
      return Deno.readTextFileSync(this.#file);
    } catch (error) {
      // Nobody has opened the other end of the pipe yet.
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  pause(): void {
    signal(this.#reader, "SIGSTOP");
  }

  resume(): void {
    signal(this.#reader, "SIGCONT");
  }
}

/** What a round is made of; the stage ends all of it. */
export interface World {
  readonly stage: Stage;
  readonly agent: Agent;
  readonly log: LogReader;
  readonly mortal: Mortal;
  /** The path of the agent's configuration, and what it is to say. */
  readonly config: string;
  readonly goodConfig: string;
  /** Has the agent read its configuration again. */
  readonly reload: () => void;
  /** Starts a target, after the one before. */
  readonly startTarget: () => Child;
}

/**
 * Starts an agent under the memory limit of the manifest, whose log is read by a program that can be stopped, and a
 * busy target.
 */
export async function makeWorld(stage: Stage, undo: AsyncDisposableStack): Promise<World> {
  const cage = undo.use(new MemoryCage(`${stage.prefix}-agent`, MEMORY_LIMIT));
  const mortal = undo.use(await makeMortal(stage));
  mortal.ledger.allowEveryLife(ENDLESSLY);
  const config = `${stage.directory}/ktm.yaml`;
  const goodConfig = `collector: {ebpf: {comm_prefix: ${stage.prefix}}}\n`;
  await Deno.writeTextFile(config, goodConfig);
  const log = await LogReader.start(stage);
  const enter = cage.procs === undefined ? "" : `echo $$ >${cage.procs} && `;
  const wrapper = [...FIRST_IN_LINE, "sh", "-c", `${enter}exec "$@" 2>"$0"`, log.fifo];
  const options = ["--interval", `${INTERVAL_MS}ms`, "--listen", "127.0.0.1:0", "--config", config];
  // Before the cage, which cannot go while the agent is in it.
  const child = undo.use(startKtm(["run", ...options], wrapper));
  const [, address] = await until(
    "address in the log",
    () => /Listening address=(\S+)/.exec(log.text) ?? false,
  );
  const startTarget = () => stage.start(mortal.program, [mortal.ledger.path], stage.cgroup);
  const reload = () => signal(child, "SIGHUP");
  const agent = new Agent(child, address!);
  // Until then it may give up, and say why.
  await agent.value("ktm_status");
  return { stage, agent, log, mortal, config, goodConfig, reload, startTarget };
}
