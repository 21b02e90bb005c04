/** The programs, as `deno task build` compiles them from `bpf/target.bpf.c`. @module */
import object from "../../bpf/target.bpf.o" with { type: "bytes" };

/** The object file. */
export const TARGET_OBJECT: Uint8Array = object;
