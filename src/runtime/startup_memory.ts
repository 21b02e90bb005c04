/** The memory that only starting and loading need. @module */
import { dropPages, readLink, readTextFile, trimHeap } from "../syscall/mod.ts";

/** `55a2871e3000-55a28aef4000 r-xp 01dfa000 08:00 1234   /usr/bin/deno` (`man 5 proc_pid_maps`). */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (....) ([0-9a-f]+) \S+ \S+ +(.*)$/;

/** Drops the pages of this program's code and constants; what is needed again comes back from the page cache. */
function releaseCodePages(): void {
  const program = readLink("/proc/self/exe");
  for (const line of readTextFile("/proc/self/maps").split("\n")) {
    const [, start, end, permissions, offset, path] = MAPPING.exec(line) ?? [];
    // Code, and the read-only data at the file's beginning. Other read-only mappings hold relocated
    // addresses (RELRO), which would be lost.
    const isClean = permissions === "r-xp" || (permissions === "r--p" && Number(`0x${offset}`) === 0);
    if (path !== program || !isClean) continue;
    dropPages(BigInt(`0x${start}`), BigInt(`0x${end}`), "code pages");
  }
}

/** `gc()` of V8, which is there under `--v8-flags=--expose-gc`. */
const { gc } = globalThis as { gc?: () => void };

/** Gives back at once what is not used any more, where V8 and the C library would wait until they need room. */
export function releaseGarbage(): void {
  gc?.();
  trimHeap();
}

/**
 * Gives back what only starting and loading need: about 6 MB of the kernel's BTF, which V8 would keep until
 * its next full collection, and some 25 MB of code and constants (compilers, above all) that an agent which wakes up
 * every ten seconds would otherwise keep mapped for as long as it lives.
 */
export function releaseStartupMemory(): void {
  releaseGarbage();
  try {
    releaseCodePages();
  } catch {
    // Without descriptors, for example: what is not given back only takes room.
  }
}
