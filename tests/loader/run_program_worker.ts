/** The thread of a `ProgramRunner`. @module */
import { type Order, runRawTracepoint } from "./run_program.ts";

/** What a worker's global object is; the types are those of the main thread. */
const scope = globalThis as unknown as Worker;

scope.addEventListener("message", ({ data }: MessageEvent<Order>) => {
  runRawTracepoint(data);
  scope.postMessage("done");
});
