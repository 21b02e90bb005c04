/** What the kernel says of another process. @module */

/** Kilobytes of its resident set. */
export function residentKb(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

/** Kilobytes of its resident set when that was largest. */
export function peakKb(pid: number): number {
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

/** How many descriptors it has open. */
export function openFiles(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** What a descriptor refers to; undefined if it has been closed meanwhile. */
function targetOf(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function filesOf(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) =>
    targetOf(`/proc/${pid}/fd/${name}`) ?? []
  )
    .filter((target) => !target.startsWith("socket:"));
}

/** Looks at what is open: an agent opens files for a moment at each collection, and never closes what it holds. */
const LOOKS = 5;

/**
 * What the descriptors refer to that a process holds, in the order of the alphabet, with N for numbers. Without sockets,
 * of which a client may have one more at times.
 */
export function heldFiles(pid: number): string[] {
  const looks = Array.from({ length: LOOKS }, () => filesOf(pid));
  const [least = []] = looks.toSorted((a, b) => a.length - b.length);
  return least.map((target) => target.replace(/\d+/g, "N")).toSorted();
}
