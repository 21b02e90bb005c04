/**
 * The agent's HTTP server as a program, because the memory and the descriptors of a process are limited for it.
 * `/readyz` opens every descriptor that is left.
 *
 * @module
 */
import { serve } from "../../src/sidecar/http/serve.ts";
import { standHost } from "./stand.ts";

const held: Deno.FsFile[] = [];

function openAll(): void {
  try {
    for (;;) held.push(Deno.openSync("/dev/null"));
  } catch (error) {
    if ((error as { code?: string }).code !== "EMFILE") throw error;
  }
}

// As the agent does. The runtime opens what signals need with the first of them, and panics where it cannot.
Deno.addSignalListener("SIGHUP", () => {});
serve(standHost({ isLong: true, onReady: openAll }), { hostname: "127.0.0.1", port: 0 }, () => []);
