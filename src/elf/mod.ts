/**
 * From the bytes of an object file to programs relocated for a kernel. Pure: no operating system.
 *
 * @module
 */
export * from "./btf.ts";
export * from "./btf_ext.ts";
export * from "./core.ts";
export * from "./elf.ts";
export * from "./flat_layout.ts";
export * from "./instruction.ts";
export * from "./map_spec.ts";
export * from "./object_error.ts";
export * from "./object_spec.ts";
export * from "./program_spec.ts";
export * from "./relocate.ts";
