/**
 * Programs of the machine that the virtual machines need. Run as a program it prints the packages:
 * `apt-get install --no-install-recommends $(deno run tests/vm/prerequisites.ts)`.
 *
 * @module
 */
import type { Architecture } from "./architectures.ts";
import { findProgram } from "./programs.ts";

/** A program and the Debian package that has it. */
interface Prerequisite {
  readonly program: string;
  readonly package: string;
  /** The architecture of the guests that need it, if not all do. */
  readonly architecture?: Architecture["name"];
}

/** What every run needs; a foreign architecture needs `npm` too, which comes with Node.js. */
export const PREREQUISITES: readonly Prerequisite[] = [
  { program: "apt-get", package: "apt" },
  { program: "busybox", package: "busybox-static" },
  { program: "clang-19", package: "clang-19" },
  { program: "dpkg-deb", package: "dpkg" },
  { program: "git", package: "git" },
  { program: "ldd", package: "libc-bin" },
  { program: "mkfs.ext4", package: "e2fsprogs" },
  { program: "qemu-system-aarch64", package: "qemu-system-arm", architecture: "arm64" },
  { program: "qemu-system-x86_64", package: "qemu-system-x86", architecture: "amd64" },
  { program: "setpriv", package: "util-linux" },
  { program: "xz", package: "xz-utils" },
  { program: "zstd", package: "zstd" },
];

/**
 * Checks that the machine has the programs.
 *
 * @param architectures those of the guests
 * @throws {Deno.errors.NotFound} if one is missing, with the command that installs it
 */
export function checkPrerequisites(architectures: readonly Architecture[]): void {
  const names = architectures.map(({ name }) => name);
  const missing = PREREQUISITES
    .filter(({ architecture }) => architecture === undefined || names.includes(architecture))
    .filter(({ program }) => findProgram(program) === undefined);
  if (missing.length === 0) return;
  const programs = missing.map(({ program }) => program).join(", ");
  const packages = missing.map((one) => one.package).join(" ");
  throw new Deno.errors.NotFound(
    `Cannot start virtual machines: ${programs} not found: run apt-get install --no-install-recommends ${packages}`,
  );
}

if (import.meta.main) console.log(PREREQUISITES.map((one) => one.package).join("\n"));
