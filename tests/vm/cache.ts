/** What is kept between runs, outside the checkout. @module */

const building = new Map<string, Promise<string>>();

/** The folder of everything that is kept; remove it, or a part of it, to fetch anew. */
export function cacheFolder(): string {
  const base = Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME") ?? "/root"}/.cache`;
  return `${base}/ktm-vm`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Builds beside the place and moves at the end, so that what is there is whole. */
async function buildIn(folder: string, build: (folder: string) => Promise<void>): Promise<string> {
  if (await exists(folder)) return folder;
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  await Deno.mkdir(parent, { recursive: true });
  const unfinished = await Deno.makeTempDir({ dir: parent, prefix: ".unfinished-" });
  try {
    await build(unfinished);
    await Deno.rename(unfinished, folder);
  } catch (error) {
    await Deno.remove(unfinished, { recursive: true });
    // Another run may have been quicker.
    if (!await exists(folder)) throw error;
  }
  return folder;
}

/**
 * Gives a folder of the cache and builds it if it is not there.
 *
 * @param name its path below {@linkcode cacheFolder}
 * @param build fills an empty folder
 * @returns the folder's path
 */
export function cachedFolder(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = `${cacheFolder()}/${name}`;
  const result = building.get(folder) ?? buildIn(folder, build);
  building.set(folder, result);
  return result;
}
