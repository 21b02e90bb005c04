/**
 * From the bytes of an object file to programs relocated for a kernel. Pure: no operating system.
 *
 * @module
 */
export * from "./bpf_enums.ts";
export * from "./btf.ts";
export * from "./btf_ext.ts";
export * from "./btf_image.ts";
export * from "./btf_mend.ts";
export * from "./btf_store.ts";
export * from "./btf_value.ts";
export * from "./byte_reader.ts";
export * from "./core.ts";
export * from "./data_spec.ts";
export * from "./elf.ts";
export * from "./extern_spec.ts";
export * from "./flat_layout.ts";
export * from "./instruction.ts";
export * from "./linker.ts";
export * from "./line_info.ts";
export * from "./map_spec.ts";
export * from "./object_error.ts";
export * from "./object_spec.ts";
export * from "./program_kinds.ts";
export * from "./program_spec.ts";
export * from "./relocate.ts";
export * from "./source_line.ts";
