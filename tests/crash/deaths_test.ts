/**
 * Deaths in a row: nothing leaks, the history keeps within its limit, and the newest crash is kept whole.
 *
 * KTM_DEATHS makes it longer.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Agent, startAgent } from "../support/agent.ts";
import { heldBy, untilFreed } from "../support/kernel/bpf_objects.ts";
import { heldFiles, residentKb } from "../support/kernel/process_figures.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { times } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { DEATHS } from "./deaths.ts";
import { ENDLESSLY } from "./ledger.ts";
import { assertKept, observeDeath } from "./post_mortem.ts";
import { Recording, signOf, untilUnwatched, untilWatched } from "./recording.ts";
import { Unit } from "./unit.ts";

const TIMES = Number(Deno.env.get("KTM_DEATHS") ?? times(8, 12));

/** Deaths between two lines of a long run. */
const TELL_EVERY = 20;

/** By then all code has run once, and every buffer that is kept has been made. */
const SETTLED = 5;

/** Some 500 rows: fewer than so many lives have, and more than one has. */
const RECORDER_LIMIT = "1MiB";

/** Garbage that is not collected yet, on top of the recorder. */
const GROWTH_LIMIT_KB = 8 << 10;

/** The ways to die in turn: the OOM killer takes its time. */
const TURNS = [DEATHS.kill, DEATHS.segv, DEATHS.exit];

/** What an agent holds while it watches. */
function footprint({ child: { pid } }: Agent) {
  const { prog, map, link } = heldBy(pid);
  return { programs: prog.size, maps: map.size, links: link.size, files: heldFiles(pid).join(" ") };
}

Deno.test(needs(
  [...LIVE_KERNEL, "bpftool", "cc", "systemd-nspawn", "nsenter"],
  "a target that dies again and again costs neither memory nor descriptors nor the newest crash",
  async () => {
    await using stage = new Stage();
    await using unit = await Unit.make(stage, "always");
    const { ledger } = unit.mortal;
    ledger.allowEveryLife(ENDLESSLY);
    await using agent = await startAgent([
      "--comm-prefix",
      stage.prefix,
      "--recorder-memory-limit",
      RECORDER_LIMIT,
    ]);
    const ever = { prog: new Set<number>(), map: new Set<number>(), link: new Set<number>() };
    let settled: ReturnType<typeof footprint> | undefined;
    let resident = 0;
    let pid = await unit.next();
    for (let count = 1; count < TIMES; count++) {
      await untilWatched(agent, signOf(pid));
      // What is opened at the first reading of a life is open then.
      await agent.value("ktm_status");
      const now = footprint(agent);
      if (count === SETTLED) [settled, resident] = [now, residentKb(agent.child.pid)];
      if (count % TELL_EVERY === 0) console.log(`${count} deaths: ${residentKb(agent.child.pid)} kB`);
      if (count > SETTLED) assert.deepEqual(now, settled, `after ${count - 1} deaths`);
      for (const kind of ["prog", "map", "link"] as const) {
        for (const id of heldBy(agent.child.pid)[kind]) ever[kind].add(id);
      }
      TURNS[count % TURNS.length]!.cause(ledger, pid);
      await untilUnwatched(agent, signOf(pid));
      pid = await unit.next();
    }
    // A dump takes memory for a moment, however many have died.
    const grown = residentKb(agent.child.pid) - resident;
    ledger.allowEveryLife(0);
    const recording = new Recording(agent);
    const [seen] = await observeDeath([{ recording, sign: signOf(pid) }], { pid, ledger }, DEATHS.kill);
    await assertKept(seen!);
    const now = heldBy(agent.child.pid);
    await untilFreed({
      prog: ever.prog.difference(now.prog),
      map: ever.map.difference(now.map),
      link: ever.link.difference(now.link),
    });
    console.log(
      `${TIMES} deaths, ${grown} kB more, ${seen!.dump.lives?.length} lives, ${seen!.text.length} bytes`,
    );
    assert.ok(grown <= GROWTH_LIMIT_KB, `${grown} kB more`);
    assert.equal(seen!.life?.number, TIMES, "each life has its number");
    const text = await until("the last end", async () => (await agent.get("/metrics")).text);
    const ends = [...text.matchAll(/^ktm_target_ends_total\{how="(\w+)"\} (\d+)$/gm)];
    assert.equal(ends.reduce((sum, [, , count]) => sum + Number(count), 0), TIMES);
  },
));
