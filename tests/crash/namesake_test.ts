/**
 * A younger process of the target's name, of another user and in the root cgroup, beside a target that dies.
 *
 * @module
 */
// Runs beside others.
import assert from "node:assert/strict";
import { type Agent, startAgent } from "../support/agent.ts";
import type { Child } from "../support/child.ts";
import { valueOf } from "../support/exposition.ts";
import { LIVE_KERNEL, needs, wholeCgroupMount } from "../support/needs.ts";
import { nightly } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { ENDLESSLY } from "./ledger.ts";
import { signOf, untilUnwatched, untilWatched } from "./recording.ts";
import { Unit } from "./unit.ts";

/** Collections, at 100 ms each: today's agent took the namesake in two. */
const OBSERVED = 40;

/** The grace period, and what an agent takes to look once more. */
const GRACE_MS = 90_000;

/** Starts a namesake of the target, whom its user may not do much harm. */
async function startNamesake(stage: Stage, unit: Unit): Promise<Child> {
  const { program, ledger } = unit.mortal;
  await Deno.chmod(stage.directory, 0o711);
  await Deno.chmod(ledger.path, 0o666);
  const before = ledger.lives;
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", program, ledger.path];
  const child = stage.start("/usr/bin/setpriv", nobody, wholeCgroupMount()!);
  await until("start of the namesake", () => ledger.lives > before);
  return child;
}

/** What `/readyz` says of the module. */
async function readiness(agent: Agent): Promise<{ status: number; state: string }> {
  const { status, text } = await agent.get("/readyz");
  return { status, state: JSON.parse(text).iomonitor.state };
}

/** Kills the unit's process while its namesake reads. */
async function killBesideNamesake(stage: Stage, unit: Unit, agent: Agent): Promise<Child> {
  unit.mortal.ledger.allowEveryLife(ENDLESSLY);
  const pid = await unit.next();
  await untilWatched(agent, signOf(pid));
  const namesake = await startNamesake(stage, unit);
  assert.deepEqual(await readiness(agent), { status: 200, state: "full" });
  Deno.kill(pid, "SIGKILL");
  await untilUnwatched(agent, signOf(pid));
  return namesake;
}

const NEEDED = [...LIVE_KERNEL, "cc", "systemd-nspawn", "nsenter", "setpriv"] as const;

Deno.test(needs(NEEDED, "a namesake does not take the place of a unit that has died", async () => {
  await using stage = new Stage();
  await using unit = await Unit.make(stage, "no");
  await using agent = await startAgent(["--comm-prefix", stage.prefix]);
  await killBesideNamesake(stage, unit, agent);
  const collections = (text: string) => valueOf(text, "ktm_collections_total") ?? 0;
  const last = collections((await agent.get("/metrics")).text) + OBSERVED;
  await until("enough collections", async () => {
    const { text } = await agent.get("/metrics");
    assert.equal(valueOf(text, "ktm_target_up"), 0, agent.child.stderr);
    assert.deepEqual(await readiness(agent), { status: 503, state: "waiting" });
    return collections(text) >= last;
  });
  const next = await unit.next();
  await untilWatched(agent, signOf(next));
  assert.deepEqual(await readiness(agent), { status: 200, state: "full" });
}));

Deno.test(nightly(
  needs(NEEDED, "a unit that returns late has its place again, which a namesake had taken", async () => {
    await using stage = new Stage();
    await using unit = await Unit.make(stage, "no");
    await using agent = await startAgent(["--comm-prefix", stage.prefix]);
    const died = performance.now();
    const namesake = await killBesideNamesake(stage, unit, agent);
    await untilWatched(agent, signOf(namesake.pid), GRACE_MS);
    console.log(`taken after ${Math.round((performance.now() - died) / 1000)} s`);
    const next = await unit.next();
    await untilWatched(agent, signOf(next));
  }),
));
