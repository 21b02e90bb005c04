/** Compiles `assembly/` to `src/elf/core.wasm`. @module */
import { compareOrWrite, ROOT, runTool } from "./build_support.ts";

const TARGET = new URL("src/elf/core.wasm", ROOT);

/** 4096 pages of 64 KiB: an object, a kernel of the largest size that is accepted, and modules. */
const MEMORY = ["--maximumMemory", "4096"];

const ASC_FLAGS = ["-O3", "--runtime", "stub", "--use", "abort=", "--noAssert", ...MEMORY];

/** Compiles the engine, or compares with what is there. */
export async function buildWasm(check: boolean): Promise<void> {
  const object = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    const args = ["run", "--quiet", "-A", "npm:assemblyscript@0.28.20/asc", "assembly/index.ts"];
    await runTool(Deno.execPath(), [...args, ...ASC_FLAGS, "-o", object], ROOT);
    await compareOrWrite(TARGET, await Deno.readFile(object), check);
  } finally {
    await Deno.remove(object);
  }
}
