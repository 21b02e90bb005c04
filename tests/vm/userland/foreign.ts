/** A guest's programs, taken from Debian's packages for another architecture. @module */
import { openDebian } from "../apt/debian.ts";
import type { Architecture } from "../architectures.ts";
import { cachedFolder } from "../cache.ts";
import { listFiles } from "../files.ts";
import type { Entry } from "../image/cpio.ts";
import { guestPath, PROGRAMS } from "./tools.ts";

const SUITE = "bookworm";

const PACKAGES = ["busybox-static", "coreutils", "libc6", "libcap-ng0", "libgcc-s1", "util-linux"];

/** Whether a guest needs a file of the packages: some programs, the dynamic linker, and libraries but no plugins. */
function isNeeded(path: string, architecture: Architecture): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const folder = path.slice(0, -name.length - 1).replace(/^usr\//, "");
  if (folder === "bin") return ["busybox", ...PROGRAMS].includes(name);
  return ["lib", "lib64", `lib/${architecture.triplet}`].includes(folder) && name.includes(".so");
}

async function entry(folder: string, path: string): Promise<Entry> {
  const { isSymlink } = await Deno.lstat(`${folder}/${path}`);
  if (!isSymlink) return { kind: "copy", path: guestPath(path), source: `${folder}/${path}` };
  return { kind: "link", path: guestPath(path), target: await Deno.readLink(`${folder}/${path}`) };
}

/**
 * Gives the programs and libraries of a guest of another architecture.
 *
 * @param architecture the guest's
 * @param deno the path of its `deno`
 */
export async function foreignUserland(architecture: Architecture, deno: string): Promise<Entry[]> {
  const folder = await cachedFolder(`userland/${architecture.name}`, async (unfinished) => {
    const archive = await openDebian(`${unfinished}/apt`, SUITE, architecture.name);
    await archive.extract(PACKAGES, unfinished);
    await Deno.remove(`${unfinished}/apt`, { recursive: true });
  });
  const paths = (await listFiles(folder)).filter((path) => isNeeded(path, architecture));
  return [
    ...await Promise.all(paths.map((path) => entry(folder, path))),
    { kind: "copy", path: "usr/bin/deno", source: deno },
  ];
}
