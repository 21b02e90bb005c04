/** Giving memory back to the kernel. @module */
import { checked } from "./errno.ts";
import { libc } from "./libc.ts";

const MADV_DONTNEED = 4;

/**
 * Drops pages of a mapping of a file, which come back from the page cache when they are needed (`man 2 madvise`).
 * What was written to them is lost.
 *
 * @param begin the first address, of a page
 * @param end the address behind the last one
 * @param what what they hold, for messages
 * @throws {SyscallError} if the kernel refuses
 */
export function dropPages(begin: bigint, end: bigint, what: string): void {
  checked(libc().madvise(begin, end - begin, MADV_DONTNEED), "madvise", () => `release ${what}`);
}

/** Gives back what the C library holds and does not use (`man 3 malloc_trim`). */
export function trimHeap(): void {
  libc().malloc_trim(0n);
}
