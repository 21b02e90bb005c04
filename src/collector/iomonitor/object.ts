/** The programs, as `deno task build` compiles them from `bpf/iomonitor.bpf.c`. @module */
import object from "../../../bpf/iomonitor.bpf.o" with { type: "bytes" };

/** The object file. */
export const IOMONITOR_OBJECT: Uint8Array = object;
