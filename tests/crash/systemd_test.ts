/** A target that is a unit of a real systemd, which removes its cgroup as soon as it is dead. */
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { Stage } from "../support/stage.ts";
import { until } from "../support/until.ts";
import { DEATHS } from "./deaths.ts";
import { Machine, STAGE_FOLDER } from "./machine.ts";
import { CAGE_BYTES, MemoryCage } from "./memory_cage.ts";
import { makeMortal } from "./mortal.ts";
import { assertKept, observeDeath } from "./post_mortem.ts";
import { Recording, type Sign, untilWatched } from "./recording.ts";

const UNIT = "banyandb-test.service";

/** An agent that sees all processes knows them by the numbers that they have here. */
function signOf(pid: number): Sign {
  return { label: "pid", value: String(pid) };
}

/** The unit of a target. */
function unitOf(stage: Stage, ledger: string, restart: "no" | "always"): string {
  return [
    "[Unit]",
    "StartLimitIntervalSec=0",
    "[Service]",
    `ExecStart=${STAGE_FOLDER}/${stage.prefix} ${STAGE_FOLDER}/${ledger}`,
    `Restart=${restart}`,
    "RestartSec=100ms",
    `MemoryMax=${CAGE_BYTES}`,
    "LimitCORE=0",
    "",
  ].join("\n");
}

for (const restart of ["no", "always"] as const) {
  Deno.test(needs(
    [...LIVE_KERNEL, "cc", "systemd-nspawn", "nsenter"],
    `a unit with Restart=${restart} that dies in any way leaves its history and how it died`,
    async () => {
      await using stage = new Stage();
      using undo = new DisposableStack();
      const { ledger } = await makeMortal(stage, undo);
      await using cage = new MemoryCage(stage.prefix);
      const units = { [UNIT]: unitOf(stage, `${stage.prefix}.ledger`, restart) };
      await using machine = await Machine.start(stage, { units });
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      const recording = new Recording(agent);
      const running = () => until("process of the unit", () => machine.processesOf(UNIT)[0]);
      if (restart === "always") await machine.systemctl("start", UNIT);

      for (const death of Object.values(DEATHS)) {
        if (restart === "no") await machine.systemctl("start", UNIT);
        const pid = await running();
        cage.close(pid);
        const next = async () => {
          if (restart === "always") await untilWatched(agent, signOf(await running()));
          else assert.equal((await agent.get("/readyz")).status, 503);
        };
        const [seen] = await observeDeath([{ recording, sign: signOf(pid) }], { pid, ledger }, death, next);
        await assertKept(seen!);
      }
    },
  ));
}
