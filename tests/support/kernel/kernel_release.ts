/** Which Linux this is. @module */
import { kernelRelease } from "../../../src/syscall/mod.ts";

function parts(release: string): number[] {
  return release.split(/[.-]/).slice(0, 2).map(Number);
}

/** Whether this kernel is at least of a release: `5.17`. */
export function hasRelease(since: string): boolean {
  const [[major = 0, minor = 0], [least = 0, leastMinor = 0]] = [
    parts(kernelRelease().release),
    parts(since),
  ];
  return major > least || (major === least && minor >= leastMinor);
}
