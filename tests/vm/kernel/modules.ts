/** The modules that a guest loads before anything else works. @module */
import { runProgram } from "../programs.ts";
import type { FetchedKernel } from "./fetch.ts";

/** What a guest needs; each is a module in some kernels and built in in others. */
const WANTED = ["virtio_pci", "virtio_console", "virtio_blk", "ext4"];

/** Programs that unpack a packed module, by the end of its name. */
const UNPACKERS: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  ".ko.xz": ["xz", "--decompress", "--stdout"],
  ".ko.zst": ["zstd", "--decompress", "--stdout"],
};

/** A module, unpacked; its signature, at the end, is kept. */
export interface Module {
  readonly name: string;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A module's name; file names have `-` where names have `_`. */
export function moduleName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replace(/\.ko.*$/, "").replaceAll("-", "_");
}

/**
 * Reads the names of the modules that a module needs, from its `.modinfo` section.
 *
 * @param module the module's file
 */
export function moduleDependencies(module: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(module);
  const list = /\0depends=([^\0]*)\0/.exec(text)?.[1] ?? "";
  return list.split(",").filter((name) => name !== "").map(moduleName);
}

/** Reads a module's file, and unpacks it if it is packed. */
export async function unpackModule(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const unpacker = UNPACKERS[path.slice(path.lastIndexOf(".ko"))];
  if (unpacker === undefined) return await Deno.readFile(path);
  const [program, ...args] = unpacker;
  return await runProgram(program, [...args, path], { purpose: "unpack a kernel module" });
}

/**
 * Gives the modules that a guest needs.
 *
 * @param kernel the unpacked kernel
 * @returns the modules, each after the ones that it needs
 * @throws {Deno.errors.NotFound} if the kernel has one neither as a file nor built in
 */
export async function guestModules(kernel: FetchedKernel): Promise<Module[]> {
  const paths = new Map(
    kernel.files.filter((path) => /\.ko(\.\w+)?$/.test(path)).map((path) => [moduleName(path), path]),
  );
  const builtinList = kernel.files.find((path) => path.endsWith("/modules.builtin"));
  const builtin = builtinList === undefined ? "" : await Deno.readTextFile(`${kernel.folder}/${builtinList}`);
  const isBuiltin = new Set(builtin.split("\n").map(moduleName));
  const modules = new Map<string, Module>();

  async function add(name: string): Promise<void> {
    if (modules.has(name) || isBuiltin.has(name)) return;
    const path = paths.get(name);
    if (path === undefined) {
      throw new Deno.errors.NotFound(`Cannot use kernel ${kernel.image}: it has no module ${name}`);
    }
    const data = await unpackModule(`${kernel.folder}/${path}`);
    for (const dependency of moduleDependencies(data)) await add(dependency);
    modules.set(name, { name, data });
  }

  for (const name of WANTED) await add(name);
  return [...modules.values()];
}
