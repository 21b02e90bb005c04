/**
 * Discovery: from `/proc` and the cgroup v2 hierarchy to the one process that is watched.
 *
 * @module
 */
export { type Cgroup, locateCgroup } from "./cgroup.ts";
export { type Place, placeExists, placeOf } from "./place.ts";
export { type KernelProcess, KernelProcesses } from "./kernel_processes.ts";
export { CgroupPathError, resolveCgroupPath } from "./cgroup_path.ts";
export * from "./comm_fallback.ts";
export * from "./comm_prefix.ts";
export * from "./pid_namespace.ts";
export * from "./process_handle.ts";
export {
  is32Bit,
  isRunning,
  isSameProcess,
  listProcesses,
  pidInProc,
  type Process,
  readCgroupText,
  showsOwnNamespace,
} from "./proc.ts";
export * from "./target.ts";
export * from "./time_namespace.ts";
