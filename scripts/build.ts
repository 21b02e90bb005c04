/**
 * `deno task build`: compiles the programs and the engine, makes shell completion, the page of configuration
 * keys and the rules for Prometheus; `--check` compares with what is committed.
 *
 * @module
 */
import { buildBpf } from "./build_bpf.ts";
import { buildConfiguration } from "./build_configuration.ts";
import { buildCompletion } from "./build_completion.ts";
import { buildRules } from "./build_rules.ts";
import { buildWasm } from "./build_wasm.ts";

try {
  const check = Deno.args.includes("--check");
  await buildBpf(check);
  await buildWasm(check);
  await buildCompletion(check);
  await buildConfiguration(check);
  await buildRules(check);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exit(1);
}
