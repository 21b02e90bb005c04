/**
 * System calls: the only folder that knows FFI, `errno`, system call numbers and the layouts of the
 * kernel's structures. Not here are `memory_order.ts`, `network/interface.ts` and `files/poll.ts`, which are not
 * loaded with the agent, and `files/held_file.ts`, which is loaded with a recorder file.
 *
 * @module
 */
export * from "./arch.ts";
export * from "./bpf/abi.ts";
export * from "./bpf/bpf.ts";
export * from "./bpf/perf_event.ts";
export * from "./clocks.ts";
export * from "./errno.ts";
export * from "./fd.ts";
export * from "./files/file.ts";
export * from "./files/mountinfo.ts";
export * from "./files/output.ts";
export * from "./memory.ts";
export * from "./message_of.ts";
export * from "./pages.ts";
export * from "./network/datagram.ts";
export * from "./network/socket_options.ts";
export * from "./privileges/capability.ts";
export * from "./privileges/landlock.ts";
export * from "./privileges/privileges.ts";
export * from "./privileges/refused_calls.ts";
export * from "./privileges/seccomp.ts";
export * from "./processes/environment.ts";
export * from "./processes/pidfd.ts";
export * from "./processes/process.ts";
export * from "./processes/rlimit.ts";
export * from "./shared_memory.ts";
export * from "./struct.ts";
