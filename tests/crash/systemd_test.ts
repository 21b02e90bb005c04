/** A target that is a unit of a real systemd, which removes its cgroup as soon as it is dead. */
// Runs beside others.
import assert from "node:assert/strict";
import { startAgent } from "../support/agent.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { nightly } from "../support/nightly.ts";
import { Stage } from "../support/stage.ts";
import { DEATHS } from "./deaths.ts";
import { assertKept, observeDeath } from "./post_mortem.ts";
import { Recording, signOf, untilWatched } from "./recording.ts";
import { Unit } from "./unit.ts";

for (const restart of ["no", "always"] as const) {
  const test = needs(
    [...LIVE_KERNEL, "cc", "systemd-nspawn", "nsenter"],
    `a unit with Restart=${restart} that dies in any way leaves its history and how it died`,
    async () => {
      await using stage = new Stage();
      await using unit = await Unit.make(stage, restart);
      const { ledger } = unit.mortal;
      await using agent = await startAgent(["--comm-prefix", stage.prefix]);
      const recording = new Recording(agent);
      let pid = await unit.next();
      for (const death of Object.values(DEATHS)) {
        const next = async () => {
          if (restart === "no") assert.equal((await agent.get("/readyz")).status, 503);
          pid = await unit.next();
          await untilWatched(agent, signOf(pid));
        };
        const [seen] = await observeDeath([{ recording, sign: signOf(pid) }], { pid, ledger }, death, next);
        await assertKept(seen!);
      }
    },
  );
  // What begins again at once tells more than what does not.
  Deno.test(restart === "always" ? test : nightly(test));
}
