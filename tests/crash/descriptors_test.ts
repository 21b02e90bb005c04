/** An agent that can open no file for a while. */
// Runs beside others.
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { output } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { countOf, listRows, READ_LATENCY } from "./evidence.ts";
import { ENDLESSLY } from "./ledger.ts";
import { makeMortal } from "./mortal.ts";
import { dumpOf, signOf, untilWatched } from "./recording.ts";

/** Fewer than an agent has open. */
const NO_MORE = 10;

/** Collections in the time without descriptors. */
const COLLECTIONS = 20;

Deno.test(needs(
  [...LIVE_KERNEL, "cc", "prlimit"],
  "an agent goes on counting while it can open no file, and does not take its target for dead",
  async () => {
    await using stage = new Stage();
    using mortal = await makeMortal(stage);
    const { program, ledger } = mortal;
    ledger.allowEveryLife(ENDLESSLY);
    const { pid } = stage.start(program, [ledger.path], stage.cgroup);
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    await untilWatched(agent, signOf(pid));
    const limit = async (count: number) => {
      const { code, stderr } = await output("prlimit", `--pid=${agent.child.pid}`, `--nofile=${count}:`);
      assert.equal(code, 0, stderr);
    };
    // The connection is there already.
    const collections = async () => valueOf((await agent.get("/metrics")).text, "ktm_collections_total")!;
    const before = await collections();
    await limit(NO_MORE);
    await until("collections", async () => await collections() >= before + COLLECTIONS);
    await limit(1024);
    await agent.value("ktm_status");

    const { dump } = await dumpOf(agent);
    const numbers = listRows(dump).filter(({ source }) => source === "ktm").length;
    const counts = listRows(dump).filter(({ source, life }) => source === "iomonitor" && life === 1)
      .map((row) => countOf(row, READ_LATENCY));
    assert.ok(
      counts.length >= COLLECTIONS && counts.length <= numbers,
      `${counts.length} rows of ${numbers}`,
    );
    assert.ok(counts.every((count) => count !== undefined), "rows without counters");
    assert.deepEqual(counts, counts.toSorted((a, b) => a! - b!));
    assert.equal(dump.lives?.length, 1);
    assert.equal(dump.lives?.[0]?.end, undefined);
    assert.equal(await agent.value("ktm_collection_errors_total"), 0);
    assert.doesNotMatch(agent.child.stderr, / ERROR |Target ended/);
  },
));
