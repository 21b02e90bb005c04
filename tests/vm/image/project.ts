/** The project's files and its dependencies, as a guest sees them. @module */
import { compileObject, compileWatched, WATCHED_PROGRAMS } from "../../support/compile.ts";
import { temporaryDirectory } from "../../support/temp_dir.ts";
import { cacheFolder } from "../cache.ts";
import { listFiles } from "../files.ts";
import { readProgram, runProgram } from "../programs.ts";
import type { Entry } from "./cpio.ts";

const ROOT = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");

/** Where the project is in a guest: where it is here, because Deno keeps what it has transpiled by that path. */
export const GUEST_PROJECT = ROOT;

/** The program in one file in a guest, which starts sooner than from its sources. */
export const GUEST_BUNDLE = `${GUEST_PROJECT}/ktm.js`;

/** The compiled `tests/objects` in a guest, which has no compiler. */
export const GUEST_OBJECTS = `${GUEST_PROJECT}/objects`;

/** `DENO_DIR` in a guest. */
export const GUEST_DENO_DIR = "/deno";

/** Parts of the project that guests need. */
const PARTS = ["deno.json", "deno.lock", "assembly", "bpf", "packages", "src", "tests"];

/** The harness does not run in guests. */
const HARNESS = "tests/vm/";

/**
 * Packages of the lock file that only the build needs, as large as everything else together. Deno looks for
 * their folders all the same as soon as any package is imported.
 */
const BUILD_PACKAGES = ["assemblyscript", "binaryen", "long"];

async function projectFiles(): Promise<string[]> {
  const args = [
    "ls-files",
    "--cached",
    "--others",
    "--exclude-standard",
    "--deduplicate",
    "-z",
    "--",
    ...PARTS,
  ];
  const text = await readProgram("git", args, { purpose: "list the project's files", cwd: ROOT });
  const paths = text.split("\0").filter((path) => path !== "" && !path.startsWith(HARNESS));
  // A file that is deleted but not yet in the index is listed too.
  const exist = await Promise.all(
    paths.map((path) => Deno.stat(`${ROOT}/${path}`).then(() => true, () => false)),
  );
  return paths.filter((_, index) => exist[index]);
}

/** Fills a cache folder with the modules that the files import; without the network if they are there. */
async function dependencies(files: readonly string[]): Promise<string> {
  const folder = `${cacheFolder()}/modules`;
  const sources = files.filter((path) => /^(src|tests)\/.*\.ts$/.test(path));
  await runProgram(Deno.execPath(), ["cache", "--quiet", "--frozen", ...sources], {
    purpose: "fetch the project's dependencies",
    cwd: ROOT,
    env: { DENO_DIR: folder },
  });
  return folder;
}

/** Whether a guest needs a file of the dependencies, by its path below `npm/<registry>`. */
function isDependency(path: string): boolean {
  const [_registry, name = ""] = path.split("/");
  return BUILD_PACKAGES.includes(name) ? path.endsWith("/package.json") : !path.endsWith(".map");
}

/** Reads the files now, so that all guests of a run see the same ones. */
async function readAll(from: string, to: string, paths: readonly string[]): Promise<Entry[]> {
  return await Promise.all(paths.map(async (path) => ({
    kind: "file" as const,
    path: `${to.slice(1)}/${path}`,
    data: await Deno.readFile(`${from}/${path}`),
  })));
}

async function bundle(): Promise<Entry> {
  const args = ["bundle", "--quiet", "--platform", "deno", "src/main.ts"];
  const data = await runProgram(Deno.execPath(), args, { purpose: "bundle the program", cwd: ROOT });
  return { kind: "file", path: GUEST_BUNDLE.slice(1), data };
}

async function testObjects(files: readonly string[]): Promise<Entry[]> {
  const names = files.flatMap((path) => /^tests\/objects\/(.*)\.bpf\.c$/.exec(path)?.[1] ?? []);
  return await Promise.all(names.map(async (name) => ({
    kind: "file" as const,
    path: `${GUEST_OBJECTS.slice(1)}/${name}.bpf.o`,
    data: await compileObject(name),
  })));
}

/** The programs that tests have do what they count; they run on the machine's own architecture only. */
async function watchedPrograms(): Promise<Entry[]> {
  await using directory = await temporaryDirectory();
  const names = Object.keys(WATCHED_PROGRAMS) as (keyof typeof WATCHED_PROGRAMS)[];
  return await Promise.all(names.map(async (name) => ({
    kind: "file" as const,
    path: `${GUEST_OBJECTS.slice(1)}/${name}`,
    data: await Deno.readFile(await compileWatched(name, directory.file(name))),
    executable: true,
  })));
}

/** Gives the program, the test objects, the files of the checkout that git does not ignore, and the cache of their dependencies. */
export async function projectEntries(): Promise<Entry[]> {
  const files = await projectFiles();
  const modules = await dependencies(files);
  const packages = (await listFiles(`${modules}/npm`)).filter(isDependency);
  // Emulated, Deno needs more than five seconds to transpile the tests' modules.
  const transpiled = `gen/file${ROOT}`;
  return [
    await bundle(),
    ...await testObjects(files),
    ...await watchedPrograms(),
    ...await readAll(ROOT, GUEST_PROJECT, files),
    ...await readAll(`${modules}/npm`, `${GUEST_DENO_DIR}/npm`, packages),
    ...await readAll(modules, GUEST_DENO_DIR, ["dep_analysis_cache_v2"]),
    ...await readAll(
      `${modules}/${transpiled}`,
      `${GUEST_DENO_DIR}/${transpiled}`,
      await listFiles(`${modules}/${transpiled}`),
    ),
  ];
}
