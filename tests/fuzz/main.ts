/** `deno task fuzz`: a campaign as long as one likes, also over objects that a compiler makes. @module */
import { parseArgs } from "@std/cli/parse-args";
import { compileObject } from "../support/compile.ts";
import { describeReport, runCampaign } from "./campaign.ts";

const USAGE = "deno task fuzz [--seed N] [--count N]";
const OBJECTS = new URL("../objects/", import.meta.url);

function wholeNumber(option: string, value: unknown): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RangeError(`Unknown ${option} ${JSON.stringify(value)}: ${USAGE}`);
}

/** Every object of the tests, if there is a compiler. */
async function compiledObjects(): Promise<[name: string, bytes: Uint8Array][]> {
  const objects: [string, Uint8Array][] = [];
  for await (const { name } of Deno.readDir(OBJECTS)) {
    if (!name.endsWith(".bpf.c")) continue;
    try {
      objects.push([name, await compileObject(name.slice(0, -".bpf.c".length))]);
    } catch (error) {
      console.error(`Without ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return objects.toSorted(([a], [b]) => a < b ? -1 : 1);
}

const flags = parseArgs(Deno.args, {
  string: ["seed", "count"],
  default: { seed: "1", count: "1000000" },
  unknown: (argument) => {
    throw new RangeError(`Unknown argument ${JSON.stringify(argument)}: ${USAGE}`);
  },
});
const campaign = {
  seed: wholeNumber("seed", flags["seed"]),
  count: wholeNumber("count", flags["count"]),
  objects: await compiledObjects(),
};
const start = performance.now();
const report = await runCampaign(campaign);
console.log(describeReport(report, (performance.now() - start) / 1000));
if (report.findings.length > 0) Deno.exit(1);
