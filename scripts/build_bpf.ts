/**
 * Compiles `bpf/*.bpf.c` to `bpf/*.bpf.o`, the same bytes wherever it runs.
 *
 * Paths are relative and the compiler's version is pinned, so that the committed objects can be compared
 * with a rebuild: `--check` does that and writes nothing.
 *
 * @module
 */
import { compareOrWrite, ROOT, runTool } from "./build_support.ts";

const FOLDER = new URL("bpf/", ROOT);
const CLANG = "clang-19";
const STRIP = "llvm-strip-19";
const CLANG_VERSION = "19.1.7";

const CLANG_FLAGS = [
  "--target=bpfel",
  // v3: 32-bit arithmetic and jumps, which every kernel from 5.10 verifies.
  "-mcpu=v3",
  "-O2",
  "-g",
  "-fno-ident",
  "-fdebug-compilation-dir=.",
  "-Wall",
  "-Wextra",
  "-Wno-unused-parameter",
  "-Werror",
];

/** Compiles one source and gives the object's bytes. */
async function compile(source: string): Promise<Uint8Array> {
  const object = await Deno.makeTempFile({ suffix: ".bpf.o" });
  try {
    await runTool(CLANG, [...CLANG_FLAGS, "-c", source, "-o", object], FOLDER);
    // DWARF goes; BTF stays, which is what the kernel and CO-RE use.
    // So do relocations of BTF.ext, a quarter of the object: what they would say stands in it already.
    await runTool(STRIP, ["-g", "-R", ".rel.BTF.ext", object], FOLDER);
    return await Deno.readFile(object);
  } finally {
    await Deno.remove(object);
  }
}

/** Compiles every program, or compares with what is there. */
export async function buildBpf(check: boolean): Promise<void> {
  const version = await runTool(CLANG, ["--version"], FOLDER);
  if (!version.includes(`version ${CLANG_VERSION}`)) {
    throw new Error(`Cannot build bpf: ${CLANG} is not ${CLANG_VERSION}: ${version.split("\n")[0]}`);
  }
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".bpf.c")) continue;
    await compareOrWrite(new URL(name.replace(/c$/, "o"), FOLDER), await compile(name), check);
  }
}
