/**
 * System calls: the only folder that knows FFI, `errno`, system call numbers and the layouts of the
 * kernel's structures. Not here are `memory_order.ts`, `network_interface.ts` and `poll.ts`, which are not loaded
 * with the agent, `held_file.ts`, which is loaded with a recorder file, and `inspector.ts`, which is for the program
 * and not for a host of the library.
 *
 * @module
 */
export * from "./arch.ts";
export * from "./bpf.ts";
export * from "./bpf_abi.ts";
export * from "./capability.ts";
export * from "./clocks.ts";
export * from "./datagram.ts";
export * from "./environment.ts";
export * from "./errno.ts";
export * from "./fd.ts";
export * from "./file.ts";
export * from "./landlock.ts";
export * from "./memory.ts";
export * from "./message_of.ts";
export * from "./mountinfo.ts";
export * from "./output.ts";
export * from "./perf_event.ts";
export * from "./pidfd.ts";
export * from "./privileges.ts";
export * from "./process.ts";
export * from "./refused_calls.ts";
export * from "./rlimit.ts";
export * from "./seccomp.ts";
export * from "./shared_memory.ts";
export * from "./socket_options.ts";
export * from "./startup_memory.ts";
export * from "./struct.ts";
export * from "./workload.ts";
