/**
 * From the bytes of an object file to programs relocated for a kernel. Pure: no operating system.
 *
 * @module
 */
export * from "./bpf_enums.ts";
export * from "./btf/btf.ts";
export * from "./btf/decode_value.ts";
export * from "./btf/encode_value.ts";
export * from "./btf/ext.ts";
export * from "./btf/flat_layout.ts";
export * from "./btf/image.ts";
export * from "./btf/mend.ts";
export * from "./byte_reader.ts";
export * from "./code/instruction.ts";
export * from "./code/line_info.ts";
export * from "./code/linker.ts";
export * from "./code/relocate.ts";
export * from "./code/source_line.ts";
export * from "./core.ts";
export * from "./elf.ts";
export * from "./object/data.ts";
export * from "./object/externs.ts";
export * from "./object/map_types.ts";
export * from "./object/maps.ts";
export * from "./object/object.ts";
export * from "./object/program_kinds.ts";
export * from "./object/programs.ts";
export * from "./object_error.ts";
