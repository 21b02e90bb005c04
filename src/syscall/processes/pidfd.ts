/** Descriptors of processes (Linux 5.3), which never come to mean another process. @module */
import { syscallNumbers } from "../arch.ts";
import { checked, retried } from "../errno.ts";
import { FileDescriptor } from "../fd.ts";
import { libc } from "../libc.ts";
import { encode, type Layout, readField } from "../struct.ts";

/** Opens a process by the pid that it has in this process's PID namespace. */
export function openProcess(pid: number): FileDescriptor {
  const fd = libc().syscall_pidfd_open(syscallNumbers().pidfd_open, pid, 0);
  return new FileDescriptor(checked(fd, "pidfd_open", () => `open process ${pid}`));
}

/** `struct pollfd` of `man 2 poll`. */
export const POLLFD = { fd: [0, 4], events: [4, 2], revents: [6, 2] } as const satisfies Layout;

/** Source: `include/uapi/asm-generic/poll.h`. */
export const POLLIN = 1;
export const POLLOUT = 4;

/** Whether a process has ended, also if nobody has waited for it yet. */
export function hasProcessEnded(process: FileDescriptor): boolean {
  const pollfd = encode(POLLFD, { fd: process.number, events: POLLIN });
  checked(retried(() => libc().poll(pollfd, 1n, 0)), "poll", () => "look at a process");
  return readField(pollfd, POLLFD.revents) !== 0n;
}
