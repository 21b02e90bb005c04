/** The kernels of the matrix, as data. @module */

/** A kernel release and where Debian has it. */
export interface Kernel {
  /** The first two numbers of the version. */
  readonly release: string;
  /** The suite of Debian's archive. */
  readonly suite: string;
  /** Processor features that an emulated amd64 machine leaves out. */
  readonly without: readonly string[];
}

/**
 * QEMU 7.2's five-level page tables make 6.12 panic, and its cmpxchg16b at times leaves a pointer in the flags.
 * 7.3 must have it, for without it there is no task storage: `kmalloc_nolock()` in mm/slub.c needs it.
 *
 * Oldest first. A kernel that its suite has dropped is an error that names this file.
 */
export const KERNELS: readonly Kernel[] = [
  { release: "5.10", suite: "bullseye", without: ["la57", "cx16"] },
  { release: "6.1", suite: "bookworm", without: ["la57", "cx16"] },
  { release: "6.12", suite: "trixie", without: ["la57", "cx16"] },
  { release: "7.3", suite: "trixie-backports", without: ["la57"] },
];
