/** Compilers, for objects and programs that only tests need. @module */
import { output } from "./child.ts";
import { ROOT } from "./ktm.ts";
import { temporaryDirectory } from "./temp_dir.ts";

/** Where `tests/objects` are compiled already, for machines without a compiler: a folder of `<name>.bpf.o`. */
export const COMPILED_OBJECTS = Deno.env.get("KTM_OBJECTS");

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await output(program, ...args);
  if (code !== 0) throw new Error(`Cannot compile: ${program}: ${stderr}`);
}

/** How an object is compiled. */
export interface Variant {
  /** The level of optimisation, after `-O`. */
  readonly level: "1" | "2";
  /** The version of the instruction set, after `-mcpu=`. */
  readonly cpu: "v2" | "v3" | "v4";
}

/** How the project compiles its own objects. */
const USUAL: Variant = { level: "2", cpu: "v3" };

/**
 * Compiles a C file to a BPF object.
 *
 * @param source path in the checkout
 * @param object path of the result
 */
export async function compileBpf(
  source: string,
  object: string,
  { level, cpu }: Variant = USUAL,
): Promise<void> {
  const { pathname } = ROOT;
  const flags = ["-target", "bpfel", `-mcpu=${cpu}`, `-O${level}`, "-g", `-I${pathname}bpf`];
  await run("clang-19", ...flags, "-c", `${pathname}${source}`, "-o", object);
}

/** Compiles `tests/objects/<name>.bpf.c` as the project compiles its own objects. */
export async function compileObject(name: string): Promise<Uint8Array<ArrayBuffer>> {
  if (COMPILED_OBJECTS !== undefined) return await Deno.readFile(`${COMPILED_OBJECTS}/${name}.bpf.o`);
  await using directory = await temporaryDirectory();
  const object = directory.file(`${name}.bpf.o`);
  await compileBpf(`tests/objects/${name}.bpf.c`, object);
  return await Deno.readFile(object);
}

const HOST_FLAGS = ["-O1", "-Wall", "-Werror"];

const inCheckout = (source: string) => new URL(source, ROOT).pathname;

/** Compiles C files with libbpf to the program `path`. */
export async function compileWithLibbpf(sources: readonly string[], path: string): Promise<void> {
  await run("cc", ...HOST_FLAGS, "-o", path, ...sources.map(inCheckout), "-lbpf", "-lelf");
}

/** Compiles a C file to the shared object `path`. */
export async function compileShared(source: string, path: string): Promise<void> {
  await run("cc", ...HOST_FLAGS, "-shared", "-fPIC", "-o", path, inCheckout(source));
}

/** Compiles a C file to the program `path`, which needs no library of the machine it runs on. */
export async function compileStatic(source: string, path: string): Promise<void> {
  const flags = ["-static", "-pthread", "-O2", "-Wall", "-Wextra", "-Werror"];
  await run("cc", ...flags, "-o", path, inCheckout(source));
}

/** Programs that tests watch, by name; each needs no library of the machine it runs on. */
export const WATCHED_PROGRAMS = {
  workload: "tests/truth/workload.c",
  threads: "tests/procmonitor/threads.c",
} as const;

/**
 * Gives one of {@linkcode WATCHED_PROGRAMS}.
 *
 * @param path where it goes; where there is no compiler it is elsewhere
 * @returns its path
 */
export async function compileWatched(name: keyof typeof WATCHED_PROGRAMS, path: string): Promise<string> {
  if (COMPILED_OBJECTS !== undefined) return `${COMPILED_OBJECTS}/${name}`;
  await compileStatic(WATCHED_PROGRAMS[name], path);
  return path;
}

/** Gives `tests/truth/workload.c`, as {@linkcode compileWatched} does. */
export async function compileWorkload(path: string): Promise<string> {
  return await compileWatched("workload", path);
}
