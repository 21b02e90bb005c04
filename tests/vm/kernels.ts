/** The kernels of the matrix, as data. @module */

/** A kernel release and where Debian has it. */
export interface Kernel {
  /** The first two numbers of the version. */
  readonly release: string;
  /** The suite of Debian's archive. */
  readonly suite: string;
}

/** Oldest first. A kernel that its suite has dropped is an error that names this file. */
export const KERNELS: readonly Kernel[] = [
  { release: "5.10", suite: "bullseye" },
  { release: "6.1", suite: "bookworm" },
  { release: "6.12", suite: "trixie" },
  { release: "7.3", suite: "trixie-backports" },
];
