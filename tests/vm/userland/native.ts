/** A guest's programs, taken from the machine. @module */
import type { Entry } from "../image/cpio.ts";
import { findProgram } from "../programs.ts";
import { machineTools, PROGRAMS, programWithLibraries } from "./tools.ts";

/**
 * Gives the programs and libraries of a guest of the machine's own architecture.
 *
 * @param deno the path of `deno`
 */
export async function nativeUserland(deno: string): Promise<Entry[]> {
  return [
    // Linked statically: ldd has nothing to say about it.
    { kind: "copy", path: "usr/bin/busybox", source: findProgram("busybox") ?? "busybox" },
    ...await machineTools(PROGRAMS),
    ...await programWithLibraries(deno, "usr/bin/deno"),
  ];
}
