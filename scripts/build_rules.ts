/** The rules for Prometheus that judge reads: made from the numbers of `explain`, amid those written by hand. @module */
import { compareOrWrite, ROOT } from "./build_support.ts";
import { rulesText } from "./rules.ts";

const FILE = new URL("deploy/prometheus/ktm.rules.yml", ROOT);

/** The lines of the file around what is made. */
const BEGIN =
  "  # Made by `deno task build` from src/diagnosis/ and scripts/rules.ts, from here to the next such line.\n";
const END = "  # Made by `deno task build`: the end.\n";

/**
 * The file with its made part made again.
 *
 * @param text the file as it is
 * @throws {Error} if the lines around the made part are missing
 */
export function withRules(text: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error("Cannot build the rules: their marks are missing in the file");
  }
  return text.slice(0, begin) + BEGIN + rulesText() + text.slice(end);
}

/** Writes the rules into `deploy/prometheus/ktm.rules.yml`, or compares them with what is committed. */
export async function buildRules(check: boolean): Promise<void> {
  const text = withRules(await Deno.readTextFile(FILE));
  await compareOrWrite(FILE, new TextEncoder().encode(text), check);
}
