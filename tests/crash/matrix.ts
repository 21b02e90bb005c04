/** The crash matrix, measured: targets that die again and again, and what an agent has afterwards. @module */
import { startAgent } from "../support/agent.ts";
import { Stage } from "../support/stage.ts";
import { type Death, DEATHS, isEnd } from "./deaths.ts";
import { PodCgroup } from "./kubelet.ts";
import { type Dump, listRows, losses, type Rows, rowsOf } from "./evidence.ts";
import { ENDLESSLY, type Ledger } from "./ledger.ts";
import { rowsBefore, type Try } from "./matrix_figures.ts";
import { MemoryCage } from "./memory_cage.ts";
import { makeMortal } from "./mortal.ts";
import { observeDeath, type PostMortem } from "./post_mortem.ts";
import { dumpOf, Recording, signOf, untilWatched } from "./recording.ts";
import { Unit } from "./unit.ts";

/** What dies, and how often. */
export interface Scenario {
  readonly name: string;
  /** @param onTry told of each */
  readonly run: (tries: number, onTry: (result: Try) => void) => Promise<void>;
}

function tryOf(
  { rows, losses: { missing, changed }, fromMs, last, counted, done, life, death }: PostMortem,
): Try {
  return {
    ...rowsBefore(rows, [...missing, ...changed], fromMs),
    gap: last && (fromMs - last.timeMs) / 1000,
    uncounted: done - (counted ?? 0),
    told: life !== undefined && isEnd(life, death),
  };
}

/** A target that can be started again and again. */
interface Target {
  readonly ledger: Ledger;
  /** Starts the next process, or waits for it. */
  readonly next: () => Promise<number>;
}

async function repeat(
  stage: Stage,
  { ledger, next }: Target,
  death: Death,
  tries: number,
  onTry: (result: Try) => void,
): Promise<void> {
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  const recording = new Recording(agent);
  let pid = await next();
  for (let count = 0; count < tries; count++) {
    const [seen] = await observeDeath(
      [{ recording, sign: signOf(pid) }],
      { pid, ledger },
      death,
      async () => {
        pid = await next();
        await untilWatched(agent, signOf(pid));
      },
    );
    onTry(tryOf(seen!));
  }
}

/** Where the file of the recorder is kept: the manifest's emptyDir in memory is a tmpfs, too. */
const FILE_FOLDER = "/dev/shm";

/** Has a target read at full speed while agents die, each of which goes on with the file of the one before. */
async function repeatAgents(tries: number, onTry: (result: Try) => void): Promise<void> {
  await using stage = new Stage();
  using mortal = await makeMortal(stage);
  const { program, ledger } = mortal;
  ledger.allowEveryLife(ENDLESSLY);
  const { pid } = stage.start(program, [ledger.path], stage.cgroup);
  const folder = await Deno.makeTempDir({ dir: FILE_FOLDER });
  try {
    const start = () => startAgent(["--comm-prefix", stage.prefix, "--recorder-file", `${folder}/recorder`]);
    let agent = await start();
    let rows: Rows = new Map();
    for (let count = 0; count < tries; count++) {
      await untilWatched(agent, signOf(pid));
      const recording = new Recording(agent);
      await recording.fill("iomonitor");
      rows = new Map([...rows, ...recording.rows]);
      const deathMs = Date.now();
      agent.child.kill("SIGKILL");
      await agent.child.outcome();
      agent = await start();
      onTry(tryOfAgent(rows, (await dumpOf(agent)).dump, deathMs));
    }
    await agent[Symbol.asyncDispose]();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function tryOfAgent(rows: Rows, dump: Dump, deathMs: number): Try {
  const { missing, changed } = losses(rows, rowsOf(dump));
  const last = listRows(dump).filter(({ source, timeMs }) => source === "iomonitor" && timeMs <= deathMs)
    .reduce((latest, { timeMs }) => Math.max(latest, timeMs), -Infinity);
  return {
    ...rowsBefore(rows, [...missing, ...changed], deathMs),
    gap: Number.isFinite(last) ? (deathMs - last) / 1000 : undefined,
    told: (dump.lives ?? []).some(({ end }) => end !== undefined && Math.abs(end.timeMs - deathMs) < 1000),
  };
}

/** The rows of the table in `docs/after-a-crash.md`. */
export const SCENARIOS: readonly Scenario[] = [
  ...(["segv", "kill", "oom", "exit"] as const).map((key): Scenario => ({
    name: `database, a systemd unit, ${DEATHS[key].name}`,
    run: async (tries, onTry) => {
      await using stage = new Stage();
      await using unit = await Unit.make(stage, "always");
      const target = { ledger: unit.mortal.ledger, next: () => unit.next() };
      await repeat(stage, target, DEATHS[key], tries, onTry);
    },
  })),
  ...(["segv", "kill", "oom", "exit"] as const).map((key): Scenario => ({
    name: `database, a container that is made again, ${DEATHS[key].name}`,
    run: async (tries, onTry) => {
      await using stage = new Stage();
      using mortal = await makeMortal(stage);
      await using cage = new MemoryCage(stage.prefix);
      await using pod = await PodCgroup.make(stage, mortal);
      const next = async () => {
        const { pid } = await pod.start();
        cage.close(pid);
        return pid;
      };
      await repeat(stage, { ledger: mortal.ledger, next }, DEATHS[key], tries, onTry);
    },
  })),
  { name: "agent with recorder.file, SIGKILL", run: repeatAgents },
];
