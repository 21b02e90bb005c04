/** Root folders of containers, filled from this machine: no registry is asked. @module */
import { dirname } from "node:path";
import { findProgram } from "../vm/programs.ts";
import { programWithLibraries } from "../vm/userland/tools.ts";

/** Links into `/usr`, as in Debian. */
const MERGED = ["bin", "lib", "lib64"];

/** Folders that a container runtime mounts on. */
const MOUNT_POINTS = ["dev", "proc", "sys", "tmp"];

/** Makes an empty root folder. */
export async function makeRootFolder(root: string): Promise<void> {
  for (const name of [...MERGED.map((name) => `usr/${name}`), ...MOUNT_POINTS]) {
    await Deno.mkdir(`${root}/${name}`, { recursive: true });
  }
  for (const name of MERGED) await Deno.symlink(`usr/${name}`, `${root}/${name}`);
}

/**
 * Copies a program of the machine with its libraries into a root folder.
 *
 * @param source the program's path
 * @param path where it goes; only its libraries are copied unless given
 */
export async function addProgram(root: string, source: string, path?: string): Promise<void> {
  const [program, ...libraries] = await programWithLibraries(source, path ?? "");
  for (const entry of path === undefined ? libraries : [program!, ...libraries]) {
    if (entry.kind !== "copy") throw new TypeError(`Cannot copy ${entry.path}: it is a ${entry.kind}`);
    await Deno.mkdir(dirname(`${root}/${entry.path}`), { recursive: true });
    await Deno.copyFile(entry.source, `${root}/${entry.path}`);
  }
}

/** Adds a shell and some of its commands. */
export async function addShell(root: string, commands: readonly string[]): Promise<void> {
  const busybox = findProgram("busybox");
  if (busybox === undefined) throw new Deno.errors.NotFound("Cannot add a shell: install busybox-static");
  await Deno.copyFile(busybox, `${root}/usr/bin/busybox`);
  for (const name of ["sh", ...commands]) await Deno.symlink("busybox", `${root}/usr/bin/${name}`);
}
