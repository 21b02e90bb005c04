/** Whether there are enough file descriptors to attach and to collect. @module */
import { MODULES } from "../collector/mod.ts";
import { mostFilesOf } from "../programs/mod.ts";
import { isShortage, openFileLimit, readDirectory } from "../syscall/mod.ts";
import { TARGET_PROBES } from "../target/mod.ts";

/** Maps, iterators and files that are open while everything attaches, beside programs and what they attach by. */
const BESIDE_PROGRAMS = 24;

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
 * @param modules the names of those that attach
 * @param more files that are needed in addition to those for attaching: connections
 * @throws {Error} if they are not enough
 */
export function requireDescriptors(modules: readonly string[], more: number): void {
  const limit = openFileLimit();
  const used = openFiles();
  const attaching = MODULES.filter(({ name }) => modules.includes(name));
  const probes = [TARGET_PROBES, ...attaching.flatMap(({ programs }) => programs ?? [])]
    .flatMap(({ probes }) => probes);
  const needed = BESIDE_PROGRAMS + mostFilesOf(probes) + more;
  if (limit - used >= needed) return;
  throw new Error(
    `Cannot start: too few open files are allowed, ${limit} of which ${used} are in use, and ${needed} more are ` +
      "needed; raise the limit with ulimit -n, or LimitNOFILE in a systemd unit",
  );
}
