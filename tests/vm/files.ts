/** Walking folders. @module */

/**
 * Lists the files below a folder, in a stable order; symbolic links count as files.
 *
 * @param folder where to start
 * @returns paths relative to the folder
 */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  const lists = await Promise.all(entries.map(async (entry) => {
    if (!entry.isDirectory) return [entry.name];
    return (await listFiles(`${folder}/${entry.name}`)).map((path) => `${entry.name}/${path}`);
  }));
  return lists.flat();
}
