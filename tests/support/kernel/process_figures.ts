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
