/** Tracepoints by name, through tracefs. @module */
import { Errno, isErrno, mountsOfType, readTextFile } from "../syscall/mod.ts";

/** Where tracefs is mounted, on its own or below debugfs, if it is. */
export function tracefsDirectory(): string | undefined {
  const own = mountsOfType("tracefs").map(({ mountPoint }) => mountPoint);
  const below = mountsOfType("debugfs").map(({ mountPoint }) => `${mountPoint}/tracing`);
  return [...own, ...below][0];
}

/**
 * The id of a tracepoint.
 *
 * @param name category and name: `syscalls/sys_enter_read`
 * @throws {Error} if tracefs is not mounted or the kernel has no such tracepoint, with the remedy
 */
export function tracepointId(name: string): number {
  const directory = tracefsDirectory();
  if (directory === undefined) {
    throw new Error(
      `Cannot find tracepoint ${name}: tracefs is not mounted; ` +
        "mount it with: mount -t tracefs tracefs /sys/kernel/tracing",
    );
  }
  try {
    return Number(readTextFile(`${directory}/events/${name}/id`));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) throw new Error(`Cannot find tracepoint ${name}: this kernel has none`);
    throw error;
  }
}
