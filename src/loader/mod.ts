/**
 * Objects, programs, maps and links in the kernel: what the agent needs of it, and the library as well. `src/mod.ts`
 * has more.
 *
 * @module
 */
export * from "./bpf_object.ts";
export type { ObjectBtf } from "./btf.ts";
export * from "./cpus.ts";
export * from "./data_map.ts";
export * from "./errors.ts";
export * from "./features.ts";
export * from "./kernel_btf.ts";
export type { KernelType, TargetOptions } from "./kernel_types.ts";
export * from "./link.ts";
export * from "./lockdown.ts";
export * from "./map.ts";
export * from "./preemption.ts";
export * from "./process_place.ts";
export * from "./requirements.ts";
export * from "./variable.ts";
export * from "./program.ts";
export * from "./run_stats.ts";
export * from "./tracefs.ts";
export * from "./verifier_log.ts";
