/**
 * `deno task test`: all tests on this machine's kernel, in the lanes of `scripts/lanes.ts`. Options of `deno test`, such
 * as `--filter`, go to each.
 *
 * @module
 */
import { hasTests, isTestFile, type Lane, laneOf, TEST_FOLDERS } from "./lanes.ts";

const ROOT = new URL("../", import.meta.url);

/** A file and its text. */
interface Source {
  readonly path: string;
  readonly text: string;
}

/** The sources below a folder. */
async function sourcesIn(folder: string): Promise<Source[]> {
  const found: Source[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await sourcesIn(path));
    else if (name.endsWith(".ts")) found.push({ path, text: await Deno.readTextFile(new URL(path, ROOT)) });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

const sources = (await Promise.all(TEST_FOLDERS.map(sourcesIn))).flat().filter(hasTests);
const lanes = Map.groupBy(sources, ({ path, text }) => isTestFile(path) ? laneOf(text) : "pure");

/** Runs the files of a lane; without types, which `deno task check` checks. */
function start(lane: Lane, stdout: "inherit" | "piped", ...options: readonly string[]): Deno.ChildProcess {
  const files = lanes.get(lane)?.map(({ path }) => path) ?? [];
  return new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", ...options, ...Deno.args, ...files],
    cwd: ROOT,
    stdout,
  }).spawn();
}

const begin = performance.now();

/** Tells which lane is done. */
function done(lane: Lane, { success }: Deno.CommandStatus): boolean {
  console.log(`lane ${lane}: done after ${((performance.now() - begin) / 1000).toFixed(0)} s`);
  return success;
}

const results = [done("pure", await start("pure", "inherit", "--parallel", "--doc").status)];
// What it writes is shown in one piece, when the other one is done.
const beside = start("beside", "piped").output();
results.push(done("machine", await start("machine", "inherit").status));
const output = await beside;
await Deno.stdout.write(output.stdout);
results.push(done("beside", output));
results.push(done("quiet", await start("quiet", "inherit").status));
Deno.exit(results.includes(false) ? 1 : 0);
