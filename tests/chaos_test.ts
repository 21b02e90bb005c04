/** A minute of what `deno task chaos` does for ten. */
import assert from "node:assert/strict";
import { makeRound } from "./chaos/chaos.ts";
import { problemsIn } from "./chaos/problems.ts";
import { ROUNDS } from "./chaos/rounds.ts";
import { LIVE_KERNEL, needs } from "./support/needs.ts";

const SECONDS = 15;

for (const { name, descriptors } of ROUNDS) {
  Deno.test(needs(
    [...LIVE_KERNEL, "cc", "chrt", "prlimit", "python3", "setpriv"],
    `run collects, keeps its limits and ends in time under everything at once, ${name}`,
    async () => {
      const round = await makeRound({ seconds: SECONDS, descriptors });
      console.log(JSON.stringify(round));
      assert.deepEqual(problemsIn(round), []);
    },
  ));
}
