/** Two minutes, at night, of what `deno task soak` does for an hour. */
import assert from "node:assert/strict";
import { excuse } from "../support/excuses.ts";
import { LIVE_KERNEL, needs } from "../support/needs.ts";
import { nightly } from "../support/nightly.ts";
import { problemsIn } from "./figures.ts";
import { soak } from "./soak.ts";

const TWO_MINUTES = { warmUp: 40, watched: 80 };

Deno.test(nightly(
  needs(
    [...LIVE_KERNEL, "chrt", "fio"],
    "run neither grows nor misses a collection while its target is killed again and again",
    async () => {
      const figures = await soak(TWO_MINUTES);
      console.log(JSON.stringify(figures));
      excuse("late collections", figures.missed, `of ${TWO_MINUTES.watched} s`);
      assert.deepEqual(problemsIn(figures), []);
    },
  ),
));
