/**
 * `deno task build`: compiles the programs and the engine, and makes shell completion; `--check` compares with
 * what is committed.
 *
 * @module
 */
import { buildBpf } from "./build_bpf.ts";
import { buildCompletion } from "./build_completion.ts";
import { buildWasm } from "./build_wasm.ts";

try {
  const check = Deno.args.includes("--check");
  await buildBpf(check);
  await buildWasm(check);
  await buildCompletion(check);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
