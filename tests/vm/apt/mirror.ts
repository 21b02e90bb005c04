/** The Debian archive that the machine itself uses. @module */
import { parseDeb822Sources, parseOneLineSources, type Source } from "./sources.ts";

/** Where APT reads its sources, `Dir::Etc`. */
const FOLDER = "/etc/apt";

const PARSERS: Readonly<Record<string, (text: string) => Source[]>> = {
  ".list": parseOneLineSources,
  ".sources": parseDeb822Sources,
};

/** Names of suites that move from one release to the next. */
const MOVING_SUITES = ["stable", "oldstable", "testing", "unstable"];

async function readIfPresent(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

async function fileNames(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function machineSources(): Promise<Source[]> {
  const parts = (await fileNames(`${FOLDER}/sources.list.d`)).map((name) => `sources.list.d/${name}`);
  const lists = await Promise.all(["sources.list", ...parts].map(async (name) => {
    const parse = PARSERS[name.slice(name.lastIndexOf("."))];
    return parse === undefined ? [] : parse(await readIfPresent(`${FOLDER}/${name}`));
  }));
  return lists.flat();
}

/**
 * Picks the source of Debian's main archive and narrows it to the release that the machine runs.
 *
 * @param sources the machine's sources
 * @param codename the machine's release, `VERSION_CODENAME` of os-release(5)
 * @returns the archive, or undefined if there is none
 */
export function debianArchive(sources: readonly Source[], codename: string): Source | undefined {
  const names = [codename, ...MOVING_SUITES];
  for (const source of sources) {
    const suite = names.find((name) => source.suites.includes(name));
    const [uri] = source.uris;
    if (!source.types.includes("deb") || !source.components.includes("main")) continue;
    if (suite === undefined || uri === undefined) continue;
    return { types: ["deb"], uris: [uri], suites: [suite], components: ["main"], signedBy: source.signedBy };
  }
  return undefined;
}

/**
 * Finds the Debian archive that the machine itself uses.
 *
 * @returns the archive with the machine's own release as its suite
 * @throws {Deno.errors.NotFound} if the machine is no Debian
 */
export async function machineArchive(): Promise<Source> {
  const release = await readIfPresent("/etc/os-release");
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(release)?.[1] ?? "";
  const archive = debianArchive(await machineSources(), value("VERSION_CODENAME"));
  if (archive === undefined || value("ID") !== "debian") {
    throw new Deno.errors.NotFound(
      `Cannot fetch kernels: ${FOLDER} names no Debian archive: run this on Debian, or in a Debian container`,
    );
  }
  return archive;
}
