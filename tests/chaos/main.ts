/** `deno task chaos`: ten minutes of it, and the figures. @module */
import { parseArgs } from "@std/cli/parse-args";
import { ACTORS } from "./actors.ts";
import { makeRound } from "./chaos.ts";
import { problemsIn } from "./problems.ts";
import { ROUNDS } from "./rounds.ts";

const USAGE = "deno task chaos [--minutes N] [--filter ACTOR]";

/** Each kind of round comes so often: SIGTERM is answered at the end of each. */
const TIMES = 3;

const flags = parseArgs(Deno.args, {
  string: ["minutes", "filter"],
  default: { minutes: "10", filter: "" },
  unknown: (argument) => {
    console.error(`Unknown argument ${JSON.stringify(argument)}: ${USAGE}`);
    Deno.exit(2);
  },
});

const seconds = Math.round(60 * Number(flags["minutes"]) / (TIMES * ROUNDS.length));
const actors = ACTORS.filter(({ name }) => name.includes(String(flags["filter"])));
let isGood = true;
for (let time = 0; time < TIMES; time++) {
  for (const { name, descriptors } of ROUNDS) {
    const round = await makeRound({ seconds, descriptors, actors });
    console.log(`${name}: ${JSON.stringify(round)}`);
    const problems = problemsIn(round);
    for (const problem of problems) console.error(problem);
    isGood &&= problems.length === 0;
  }
}
Deno.exit(isGood ? 0 : 1);
