/** Whether there are enough file descriptors to attach and to collect. @module */
import { isShortage, openFileLimit, readDirectory } from "../syscall/mod.ts";

/** Maps, programs, links and files that are open while everything attaches, and some more for the next version. */
const NEEDED = 48;

/** How many files are open; 0 where this cannot be seen, such as without `/proc`. */
function openFiles(): number {
  try {
    return readDirectory("/proc/self/fd").length - 1;
  } catch (error) {
    if (isShortage(error)) throw error;
    return 0;
  }
}

/**
 * Checks that enough files may be opened. Without it some probes attach and others do not, or the target is not
 * found, as if there were none.
 *
 * @param more files that are needed in addition to those for attaching: connections
 * @throws {Error} if they are not enough
 */
export function requireDescriptors(more: number): void {
  const limit = openFileLimit();
  const used = openFiles();
  const needed = NEEDED + more;
  if (limit - used >= needed) return;
  throw new Error(
    `Cannot start: too few open files are allowed, ${limit} of which ${used} are in use, and ${needed} more are ` +
      "needed; raise the limit with ulimit -n, or LimitNOFILE in a systemd unit",
  );
}
