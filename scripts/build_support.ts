/** What both builds need. @module */

/** The checkout. */
export const ROOT = new URL("../", import.meta.url);

/** Runs a program and gives its standard output; a failure is an error with what it said. */
export async function runTool(tool: string, args: readonly string[], cwd: URL): Promise<string> {
  const decoder = new TextDecoder();
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(tool, { args: [...args], cwd }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`Cannot build: ${tool} is missing; run: apt-get install clang-19 llvm-19`);
  }
  if (!output.success) throw new Error(`Cannot build: ${tool}: ${decoder.decode(output.stderr).trim()}`);
  return decoder.decode(output.stdout);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** Writes a build's result, or with `check` compares it with the committed file. */
export async function compareOrWrite(file: URL, bytes: Uint8Array, check: boolean): Promise<void> {
  const name = file.pathname.slice(ROOT.pathname.length);
  if (!check) {
    await Deno.writeFile(file, bytes);
    console.log(`${name}: ${bytes.length} bytes`);
    return;
  }
  if (!isEqual(await Deno.readFile(file), bytes)) {
    throw new Error(`${name} is not what its source compiles to; run: deno task build`);
  }
  console.log(`${name}: as committed`);
}
