/** The iterator, as `deno task build` compiles it from `bpf/procmonitor.bpf.c`. @module */
import object from "../../../bpf/procmonitor.bpf.o" with { type: "bytes" };

/** The object file. */
export const PROCMONITOR_OBJECT: Uint8Array = object;
