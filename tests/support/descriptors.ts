/** The descriptors of this process. @module */

/** What each open descriptor refers to, by number; the listing's own is left out. */
export function openDescriptors(): Map<number, string> {
  const open = new Map<number, string>();
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      open.set(Number(name), Deno.readLinkSync(`/proc/self/fd/${name}`));
    } catch (error) {
      // The directory's own descriptor is closed by now.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return open;
}
