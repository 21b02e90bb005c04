/**
 * Objects, programs, maps and links in the kernel: what the agent needs of it, and the library as well. `src/mod.ts`
 * has more.
 *
 * @module
 */
export * from "./attach/link.ts";
export * from "./attach/process_place.ts";
export * from "./attach/tracefs.ts";
export * from "./bpf_object.ts";
export * from "./btf/kernel_btf.ts";
export type { KernelType, TargetOptions } from "./btf/kernel_types.ts";
export type { ObjectBtf } from "./btf/object_btf.ts";
export * from "./errors.ts";
export * from "./kernel/cpus.ts";
export * from "./kernel/features.ts";
export * from "./kernel/lockdown.ts";
export * from "./kernel/preemption.ts";
export * from "./maps/data_map.ts";
export * from "./maps/map.ts";
export * from "./maps/variable.ts";
export * from "./programs/program.ts";
export * from "./programs/run_stats.ts";
export * from "./programs/verifier_log.ts";
export * from "./requirements.ts";
