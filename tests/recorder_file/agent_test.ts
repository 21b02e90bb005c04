/** What an agent that dies leaves to the next one. */
// Runs beside others.
import assert from "node:assert/strict";
import type { RecorderDump } from "../../src/recorder/mod.ts";
import { Random } from "../fuzz/random.ts";
import { type Agent, startAgent } from "../support/agent.ts";
import { output } from "../support/child.ts";
import { limitMemory } from "../support/kernel/memory_limit.ts";
import { ktm } from "../support/ktm.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { times } from "../support/nightly.ts";
import { PROGRAMS, Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";

const TRIES = times(4, 20);

/** Memory of the cgroup in which an agent is killed; it takes a third. */
const LIMIT_BYTES = 256 << 20;

/** From the last row of an agent to the first of the next one, where other tests take most of the processors. */
const LONGEST_GAP_MS = 10_000;

/** A target that reads, and a recorder file on tmpfs for the agents that watch it. */
class Scene implements AsyncDisposable {
  readonly stage = new Stage();
  readonly file: string;
  readonly #undo = new AsyncDisposableStack();

  constructor() {
    this.file = `${this.stage.directory}/memory/recorder`;
    this.#undo.use(this.stage);
    const target = this.stage.copy(PROGRAMS.dd, this.stage.prefix);
    this.stage.start(target, ["if=/dev/zero", "of=/dev/null", "bs=4k"], this.stage.cgroup);
  }

  /** Mounts the file system of the recorder file. */
  async mount(): Promise<void> {
    const directory = `${this.stage.directory}/memory`;
    await Deno.mkdir(directory);
    const { code, stderr } = await output(
      "mount",
      "-t",
      "tmpfs",
      "-o",
      "size=32m,mode=0700",
      "tmpfs",
      directory,
    );
    assert.equal(code, 0, stderr);
    this.#undo.defer(async () => void await output("umount", directory));
  }

  agent(wrapper: readonly string[] = []): Promise<Agent> {
    return startAgent(["--comm-prefix", this.stage.prefix, "--recorder-file", this.file], wrapper);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#undo.disposeAsync();
  }
}

/** A row by what is in it. */
type Rows = ReadonlyMap<string, { readonly source: string; readonly monotonicMs: number }>;

function rowsOf({ sources }: RecorderDump): Rows {
  return new Map(sources.flatMap(({ source, timesMs, monotonicMs, series }) =>
    timesMs.map((timeMs, row) => {
      const values = series.filter(({ values }) => values[row] !== null)
        .map(({ name, labels, part, upperBound, values }) =>
          JSON.stringify([name, labels, part, upperBound, values[row]])
        );
      return [[source, timeMs, ...values.sort()].join(" "), {
        source,
        monotonicMs: monotonicMs[row]!,
      }] as const;
    })
  ));
}

async function recording(agent: Agent): Promise<RecorderDump> {
  return JSON.parse((await agent.get("/recorder")).text);
}

/** What an agent has when it has collected some more rows. */
async function afterRows(agent: Agent, more: number): Promise<RecorderDump> {
  const count = (dump: RecorderDump) => rowsOf(dump).size;
  const before = count(await recording(agent));
  return await until("rows", async () => {
    const dump = await recording(agent);
    return count(dump) >= before + more && dump;
  });
}

/** Rows that an agent showed and the next one does not have. */
function lost(shown: Rows, kept: Rows): string[] {
  return [...shown.keys()].filter((row) => !kept.has(row));
}

/**
 * Has agents die one after the other.
 *
 * @param agents starts one
 * @param end ends one, and gives the moment
 */
async function assertNothingIsLost(
  scene: Scene,
  wrapper: readonly string[],
  end: (agent: Agent) => Promise<void>,
): Promise<void> {
  const random = new Random(14);
  let shown: Rows = new Map();
  for (let death = 0; death <= TRIES; death++) {
    await using agent = await scene.agent(wrapper);
    const taken = await recording(agent);
    const kept = rowsOf(taken);
    assert.deepEqual(lost(shown, kept), [], `death ${death}`);
    // The last rows may have come after the last answer.
    assert.ok(kept.size >= shown.size);
    const ended = taken.lives.filter(({ number }) => number <= death);
    assert.deepEqual(ended.map(({ end }) => end?.how), Array(death).fill("unwatched"));
    for (const life of ended) {
      assert.ok(taken.sources.some((source) => source.life === life.number && source.source === "iomonitor"));
    }
    shown = rowsOf(await afterRows(agent, 2 + random.below(12)));
    await end(agent);
  }
}

Deno.test(needs(
  [...LIVE_KERNEL, "mount"],
  `${TRIES} agents killed one after the other leave every row that they showed to the next one, as lives`,
  async () => {
    await using scene = new Scene();
    await scene.mount();
    await assertNothingIsLost(scene, [], async (agent) => {
      agent.child.kill("SIGKILL");
      await agent.child.outcome();
    });
  },
));

Deno.test(needs(
  [...LIVE_KERNEL, "mount"],
  `${TRIES} agents killed by the OOM killer leave every row that they showed to the next one, as lives`,
  async () => {
    await using scene = new Scene();
    await scene.mount();
    await using limit = limitMemory(scene.stage, LIMIT_BYTES);
    assert.ok(limit, "no memory controller is mounted");
    const enter = [
      "sh",
      "-c",
      `echo $$ > ${limit.procs}; echo 1000 > /proc/self/oom_score_adj; exec "$@"`,
      "sh",
    ];
    await assertNothingIsLost(scene, enter, async (agent) => {
      const hog = ["sh", "-c", `echo $$ > ${limit.procs}; exec dd if=/dev/zero of=/dev/null bs=240M count=1`];
      await output(hog[0]!, ...hog.slice(1));
      const { code } = await agent.child.outcome();
      assert.equal(code, 137);
    });
  },
));

Deno.test(needs(
  [...LIVE_KERNEL, "mount"],
  "an agent that is stopped for an upgrade leaves all its rows, and a second one is refused as long as it runs",
  async () => {
    await using scene = new Scene();
    await scene.mount();
    let shown: Rows;
    {
      await using agent = await scene.agent();
      await afterRows(agent, 10);
      const second = ["run", "--recorder-file", scene.file, "--comm-prefix", scene.stage.prefix];
      const { code, stderr } = await ktm(second);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`in use by process ${agent.child.pid}: stop that agent`));
      shown = rowsOf(await afterRows(agent, 10));
      agent.child.kill("SIGTERM");
      assert.equal((await agent.child.outcome()).code, 0);
    }
    await using next = await scene.agent();
    const dump = await afterRows(next, 4);
    assert.deepEqual(lost(shown, rowsOf(dump)), []);
    const times = [...rowsOf(dump)].filter(([_, { source }]) => source === "iomonitor")
      .map(([_, { monotonicMs }]) => monotonicMs).sort((a, b) => a - b);
    const gapMs = Math.max(...times.slice(1).map((time, index) => time - times[index]!));
    assert.ok(gapMs < LONGEST_GAP_MS, `${gapMs} ms`);
  },
));

Deno.test(needs(
  [...LIVE_KERNEL, "mount"],
  "a recorder file truncated after privileges are gone is made whole again, and nothing is lost of the newest segment",
  async () => {
    await using scene = new Scene();
    await scene.mount();
    let shown: Rows;
    {
      await using agent = await scene.agent();
      await agent.child.said(/Gave up capabilities/);
      await afterRows(agent, 10);
      await Deno.truncate(scene.file, 0);
      await agent.child.said(/Recorder file truncated externally; earlier rows lost, recording goes on/);
      shown = rowsOf(await afterRows(agent, 10));
      assert.doesNotMatch(agent.child.stderr, /cannot be written/);
      agent.child.kill("SIGKILL");
      await agent.child.outcome();
    }
    await using next = await scene.agent();
    assert.deepEqual(lost(shown, rowsOf(await recording(next))), []);
  },
));
