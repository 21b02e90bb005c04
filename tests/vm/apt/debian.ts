/** Packages of any suite of Debian, from the mirror that the machine itself uses. @module */
import { cachedFolder } from "../cache.ts";
import { Archive } from "./archive.ts";
import { machineArchive } from "./mirror.ts";

/**
 * The keys of Debian's suites, newer and older ones too. They come in a package of the release that the machine
 * runs, so it is the machine's own keys that vouch for them.
 */
function keyring(): Promise<string> {
  return cachedFolder("keyring", async (folder) => {
    const archive = await Archive.open(`${folder}/apt`, await machineArchive(), debianArchitecture());
    await archive.extract(["debian-archive-keyring"], folder);
    await Deno.remove(`${folder}/apt`, { recursive: true });
  });
}

/** Debian's name of the machine's own architecture. */
function debianArchitecture(): string {
  return Deno.build.arch === "aarch64" ? "arm64" : "amd64";
}

/**
 * Opens a suite of Debian.
 *
 * @param folder an empty folder for the lists
 * @param suite the suite's name
 * @param architecture Debian's name of the architecture
 */
export async function openDebian(folder: string, suite: string, architecture: string): Promise<Archive> {
  const signedBy = `${await keyring()}/usr/share/keyrings/debian-archive-keyring.gpg`;
  return await Archive.open(folder, { ...await machineArchive(), suites: [suite], signedBy }, architecture);
}
