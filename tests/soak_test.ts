/** Two minutes of what `deno task soak` does for an hour. */
import assert from "node:assert/strict";
import { problemsIn } from "./soak/figures.ts";
import { soak } from "./soak/soak.ts";
import { LIVE_KERNEL, needs } from "./support/needs.ts";

const TWO_MINUTES = { warmUp: 40, watched: 80 };

Deno.test(
  needs(
    [...LIVE_KERNEL, "chrt", "fio"],
    "run neither grows nor misses a collection while its target is killed again and again",
    async () => {
      const figures = await soak(TWO_MINUTES);
      console.log(JSON.stringify(figures));
      assert.deepEqual(problemsIn(figures), []);
    },
  ),
);
