/** Files of a guest's programs: what the machine's own programs need, found by ldd(1). @module */
import type { Entry } from "../image/cpio.ts";
import { findProgram, readProgram } from "../programs.ts";

/**
 * What every guest has beside busybox: programs that keep their name when they are copied, read as usual
 * programs do, and set more capabilities.
 */
export const PROGRAMS: readonly string[] = ["cat", "dd", "setpriv", "sleep"];

/** The path of a shared library in a line of ldd's output. */
const LIBRARY = /(?:=> |^\s+)(\/\S+) \(0x/gm;

/** The same place in a guest, where `/bin`, `/lib` and their like are links into `/usr`, as in Debian. */
export function guestPath(path: string): string {
  return path.replace(/^\//, "").replace(/^(bin|sbin|lib|lib64)\//, "usr/$1/");
}

/**
 * Gives a program of the machine together with its shared libraries.
 *
 * @param source the program's path
 * @param path where it goes in the guest
 */
export async function programWithLibraries(source: string, path: string): Promise<Entry[]> {
  const text = await readProgram("ldd", [source], { purpose: "find a program's libraries" });
  const libraries = [...text.matchAll(LIBRARY)].map(([, library]) => library!);
  return [
    { kind: "copy", path, source },
    ...libraries.map((library) => ({ kind: "copy" as const, path: guestPath(library), source: library })),
  ];
}

/**
 * Gives programs of the machine by their names, for example `strace` or `fio`.
 *
 * @param names the programs
 * @throws {Deno.errors.NotFound} if the machine does not have one
 */
export async function machineTools(names: readonly string[]): Promise<Entry[]> {
  const lists = await Promise.all(names.map(async (name) => {
    const source = findProgram(name);
    if (source !== undefined) return await programWithLibraries(source, `usr/bin/${name}`);
    throw new Deno.errors.NotFound(
      `Cannot give the guest ${name}: not found: install the package that has it`,
    );
  }));
  return lists.flat();
}
