/** Tracepoints by name, through tracefs. @module */
import { Errno, isErrno, mountsOfType, readTextFile } from "../../syscall/mod.ts";

/** Where tracefs is mounted, on its own or below debugfs, if it is. */
export function tracefsDirectory(): string | undefined {
  const own = mountsOfType("tracefs").map(({ mountPoint }) => mountPoint);
  const below = mountsOfType("debugfs").map(({ mountPoint }) => `${mountPoint}/tracing`);
  return [...own, ...below][0];
}

/**
 * Where tracefs is mounted.
 *
 * @param what what it is needed for: `tracepoint syscalls/sys_enter_read`
 * @throws {Error} if it is not mounted, with the remedy
 */
export function requireTracefs(what: string): string {
  const directory = tracefsDirectory();
  if (directory !== undefined) return directory;
  throw new Error(
    `Cannot find ${what}: tracefs is not mounted; ` +
      "mount it with: mount -t tracefs tracefs /sys/kernel/tracing",
  );
}

/**
 * The id of a tracepoint.
 *
 * @param name category and name: `syscalls/sys_enter_read`
 * @throws {Error} if tracefs is not mounted or the kernel has no such tracepoint, with the remedy
 */
export function tracepointId(name: string): number {
  const directory = requireTracefs(`tracepoint ${name}`);
  try {
    return Number(readTextFile(`${directory}/events/${name}/id`));
  } catch (error) {
    if (isErrno(error, Errno.ENOENT)) throw new Error(`Cannot find tracepoint ${name}: this kernel has none`);
    throw error;
  }
}
