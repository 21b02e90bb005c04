/** `deno task chaos`: ten minutes of it, and the figures. @module */
import { parseArgs } from "@std/cli/parse-args";
import { ACTORS } from "./actors.ts";
import { makeRound } from "./chaos.ts";
import { problemsIn } from "./problems.ts";

const USAGE = "deno task chaos [--minutes N] [--filter ACTOR]";

/** SIGTERM is answered at the end of each. */
const ROUNDS = 6;

const flags = parseArgs(Deno.args, {
  string: ["minutes", "filter"],
  default: { minutes: "10", filter: "" },
  unknown: (argument) => {
    console.error(`Unknown argument ${JSON.stringify(argument)}: ${USAGE}`);
    Deno.exit(2);
  },
});

const seconds = Math.round(60 * Number(flags["minutes"]) / ROUNDS);
const actors = ACTORS.filter(({ name }) => name.includes(String(flags["filter"])));
let isGood = true;
for (let count = 1; count <= ROUNDS; count++) {
  const round = await makeRound({ seconds, actors });
  console.log(`round ${count}: ${JSON.stringify(round)}`);
  const problems = problemsIn(round);
  for (const problem of problems) console.error(problem);
  isGood &&= problems.length === 0;
}
Deno.exit(isGood ? 0 : 1);
