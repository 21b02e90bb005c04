/** The program `ktm`. @module */
import { main } from "./cli/main.ts";
import { refuseInspector } from "./runtime/inspector.ts";

if (import.meta.main) {
  refuseInspector();
  Deno.exit(await main(Deno.args));
}
