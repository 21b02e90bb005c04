/** A program that fails where nothing catches it, and then goes on. @module */
import { surviveErrors } from "../../src/cli/survive_errors.ts";
import { endLog } from "../../src/sidecar/log/log.ts";

{
  using _guard = surviveErrors();
  setTimeout(() => {
    throw new Error("lost in a timer");
  }, 0);
  void Promise.reject(new Error("lost rejection"));
  await new Promise((resolve) => setTimeout(resolve, 10));
}
await endLog();
Deno.stdout.writeSync(new TextEncoder().encode("alive\n"));
