/** A part of a minute of what `deno task chaos` does for ten. */
import assert from "node:assert/strict";
import { excuse } from "../support/excuses.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { times } from "../support/nightly.ts";
import { makeRound } from "./chaos.ts";
import { problemsIn } from "./problems.ts";

const SECONDS = times(10, 60);

Deno.test(needs(
  [...LIVE_KERNEL, "cc", "chrt", "prlimit", "python3", "setpriv"],
  "run collects, keeps its limits and ends in time under everything at once",
  async () => {
    const round = await makeRound({ seconds: SECONDS });
    console.log(JSON.stringify(round));
    excuse("late collections", round.missed, `of ${SECONDS} s of chaos`);
    assert.deepEqual(problemsIn(round), []);
  },
));
