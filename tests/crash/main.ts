/** `deno task crash`: the crash matrix of `docs/after-a-crash.md`. @module */
import { parseArgs } from "@std/cli/parse-args";
import { SCENARIOS } from "./matrix.ts";
import { MATRIX_HEAD, matrixRow, type Try } from "./matrix_figures.ts";

const USAGE = "deno task crash [--tries N] [--filter TEXT]";

const flags = parseArgs(Deno.args, {
  string: ["tries", "filter"],
  default: { tries: "20", filter: "" },
  unknown: (argument) => {
    console.error(`Unknown argument ${JSON.stringify(argument)}: ${USAGE}`);
    Deno.exit(2);
  },
});

const rows: string[] = [];
for (const { name, run } of SCENARIOS.filter(({ name }) => name.includes(String(flags["filter"])))) {
  const results: Try[] = [];
  await run(Number(flags["tries"]), (result) => {
    results.push(result);
    console.error(`${name}: ${JSON.stringify(result)}`);
  });
  rows.push(matrixRow(name, results));
}
console.log([...MATRIX_HEAD, ...rows].join("\n"));
