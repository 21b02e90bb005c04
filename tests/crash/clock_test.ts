/** Clocks that step or begin elsewhere while a target is watched: neither rates nor order nor the target change. */
// Runs beside others.
import assert from "node:assert/strict";
import type { Explanation } from "../../src/diagnosis/mod.ts";
import { type Agent, startAgent } from "../support/agent.ts";
import { valueOf } from "../support/exposition.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { nightly } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { explained } from "./deaths.ts";
import { ENDLESSLY } from "./ledger.ts";
import { makeMortal } from "./mortal.ts";
import { dumpOf, signOf, untilWatched } from "./recording.ts";
import { ShiftedClock } from "./shifted_clock.ts";

const HOUR_S = 3600;
const INTERVAL_MS = 100;

/** The time before a step and after it: the diagnosis compares slots of five seconds each. */
const PERIOD_MS = 12_000;

/** Lets an agent collect for a time. */
async function collect(agent: Agent, ms: number): Promise<void> {
  const collections = async () => valueOf((await agent.get("/metrics")).text, "ktm_collections_total") ?? 0;
  const enough = await collections() + ms / INTERVAL_MS;
  await until("enough collections", async () => await collections() >= enough, 2 * ms);
}

/** Asserts that a dump has the rows of the last seconds, in their order and no others. */
async function assertLast(agent: Agent, seconds: number): Promise<void> {
  const { dump: { sources } } = await dumpOf(agent, `?last=${seconds}s`);
  const room = seconds * 1000 / INTERVAL_MS;
  assert.notEqual(sources.length, 0);
  for (const { source, timesMs, monotonicMs } of sources) {
    const times = monotonicMs ?? timesMs;
    assert.deepEqual(times, times.toSorted((a, b) => a - b), source);
    // One may be under way at either end; a busy machine may miss some.
    assert.ok(times.length <= room + 1 && times.length >= room * 0.8, `${times.length} rows of ${source}`);
    assert.ok(times.at(-1)! - times[0]! <= seconds * 1000, `${times.at(-1)! - times[0]!} ms of ${source}`);
  }
}

/** Asserts that an explanation compares as many reads in a second as there are. */
function assertRates({ compared, summary }: Explanation): void {
  assert.doesNotMatch(summary, /almost stopped/);
  assert.ok(compared !== null, summary);
  for (const { from, to, seconds, calls } of [compared.baseline, compared.recent]) {
    assert.ok(from < to, `${from} to ${to}`);
    assert.ok(seconds > 0 && seconds <= 2.5 * PERIOD_MS / 1000, `${seconds} s`);
    const rate = calls / seconds;
    assert.ok(rate > 100 && rate < 250, `${rate} reads a second`);
  }
}

Deno.test(nightly(needs(
  [...LIVE_KERNEL, "cc"],
  "a wall clock that is set an hour ahead and back changes neither rates nor the order of rows",
  async () => {
    await using stage = new Stage();
    const clock = await ShiftedClock.make(stage);
    using mortal = await makeMortal(stage, { restMs: 5 });
    mortal.ledger.allowEveryLife(ENDLESSLY);
    const { pid } = stage.start(mortal.program, [mortal.ledger.path], stage.cgroup);
    await using agent = await startAgent(["--comm-prefix", stage.prefix], clock.wrapper);
    await untilWatched(agent, signOf(pid));
    await collect(agent, PERIOD_MS);
    for (const ahead of [HOUR_S, 0]) {
      clock.step(ahead);
      await collect(agent, 1000);
      await assertLast(agent, 5);
      await collect(agent, PERIOD_MS / 2);
      assert.doesNotMatch((await agent.get("/explain")).text, /almost stopped/);
      const { text } = await dumpOf(agent, `?last=${2 * PERIOD_MS / 1000}s`);
      assertRates(JSON.parse(await explained(text, ["--json"])));
    }
    assert.doesNotMatch(agent.child.stderr, /incident has begun|has ended/);
  },
)));

Deno.test(needs(
  [...LIVE_KERNEL, "cc", "unshare"],
  "an agent in a time namespace watches its target without a break",
  async () => {
    await using stage = new Stage();
    using mortal = await makeMortal(stage);
    mortal.ledger.allowEveryLife(ENDLESSLY);
    const wrapper = [
      "unshare",
      "--time",
      "--boottime",
      "100000",
      "--monotonic",
      "5000",
      "--fork",
      "--kill-child",
    ];
    await using agent = await startAgent(["--comm-prefix", stage.prefix], wrapper);
    // Later, so that the kernel is asked which processes there are, and not /proc.
    await agent.child.said(/Waiting for the target/);
    const { pid } = stage.start(mortal.program, [mortal.ledger.path], stage.cgroup);
    await untilWatched(agent, signOf(pid));
    await collect(agent, 3000);
    assert.equal(agent.child.stderr.match(/Watching the target/g)?.length, 1, agent.child.stderr);
    assert.doesNotMatch(agent.child.stderr, /has ended/);
  },
));
