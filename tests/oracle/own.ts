/**
 * Has this loader load objects and prints, as JSON values a line each, what it asks of the kernel, as `oracle.c`
 * does it for libbpf.
 *
 *     deno run -A own.ts KERNEL NEWEST-KIND
 *
 * KERNEL is `kernel.c` as a shared object. Each line of standard input is a {@linkcode Job}; an empty line follows
 * what is printed of it.
 *
 * @module
 */
import { createInterface } from "node:readline";
import { stdin } from "node:process";
import type { DriverLine } from "./records.ts";

const [kernelPath = "", newestKind = ""] = Deno.args;

const { dlopen } = Deno;
// The loader opens libc at its first system call: then the kernel of `kernel.c` is in its place, and all that this
// does not have comes from libc, which it is linked with.
Deno.dlopen = (path, symbols) => dlopen(/\/libc\.so/.test(String(path)) ? kernelPath : path, symbols);
const { BpfObject } = await import("../../src/loader/mod.ts");
type BpfObject = InstanceType<typeof BpfObject>;

const { symbols: kernel } = dlopen(
  kernelPath,
  {
    kernel_begin: { parameters: ["buffer", "u32"], result: "void" },
    kernel_flush: { parameters: [], result: "void" },
  } as const,
);

/** An object to load. */
export interface Job {
  /** Path of the object. */
  readonly object: string;
  /** Folder of the target's BTF. */
  readonly btfFolder: string;
  /** Names of programs that have to have no part in the others. */
  readonly alone: readonly string[];
}

function print(line: DriverLine): void {
  kernel.kernel_flush();
  console.log(JSON.stringify(line));
}

function attempt<T>(action: () => T, onError: (reason: string) => void): T | undefined {
  try {
    return action();
  } catch (error) {
    onError(String(error));
    return undefined;
  }
}

/** Creates all maps, also those that no program uses. */
function createMaps(object: BpfObject): void {
  const { maps, data, externs: { kconfigSize } } = object.spec;
  const options = kconfigSize > 0 ? [{ name: ".kconfig" }] : [];
  for (const { name } of [...maps, ...data, ...options]) {
    const map = attempt(() => object.map(name), (reason) => print({ kind: "no maps", reason }));
    if (map !== undefined) print({ kind: "named map", fd: map.fd.number, name });
  }
}

function loadProgram(object: BpfObject, name: string): void {
  // What fills a slot of a program array may be refused after this program has been loaded.
  const load = () => attempt(() => object.program(name), () => {}) ?? object.program(name);
  const program = attempt(load, (reason) => print({ kind: "refused", name, reason }));
  if (program !== undefined) print({ kind: "named program", fd: program.fd.number, name });
}

/**
 * Of several types of one name a relocation leaves over those that fit, also for the relocations after it, here as
 * in libbpf: so what comes of a program may depend on the programs before it.
 */
function record({ object: path, alone }: Job): void {
  const bytes = Deno.readFileSync(path);
  const open = () =>
    attempt(() => new BpfObject(bytes), (reason) => print({ kind: "refused object", reason }));
  for (const name of alone) {
    using object = open();
    if (object !== undefined) loadProgram(object, name);
  }
  using object = open();
  if (object === undefined) return;
  for (const { name, section, kind, autoload } of object.spec.programs) {
    print({
      kind: "section",
      name,
      // What the `?` says is in `autoload`.
      section: section.replace(/^\?/, ""),
      type: kind?.type ?? 0,
      attachType: kind?.attachType ?? 0,
      autoload,
    });
  }
  createMaps(object);
  for (const { name } of object.spec.programs) if (!alone.includes(name)) loadProgram(object, name);
}

for await (const line of createInterface({ input: stdin })) {
  const job = JSON.parse(line) as Job;
  kernel.kernel_begin(new TextEncoder().encode(`${job.btfFolder}\0`), Number(newestKind));
  record(job);
  kernel.kernel_flush();
  console.log();
}
