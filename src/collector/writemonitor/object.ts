/** The programs, as `deno task build` compiles them from `bpf/writemonitor.bpf.c`. @module */
import object from "../../../bpf/writemonitor.bpf.o" with { type: "bytes" };

/** The object file. */
export const WRITEMONITOR_OBJECT: Uint8Array = object;
