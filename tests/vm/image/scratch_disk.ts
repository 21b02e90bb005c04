/** The guests' disk. @module */
import { cachedFolder } from "../cache.ts";
import { runProgram } from "../programs.ts";

const SIZE_BYTES = 256 * 1024 * 1024;

/** What the oldest kernel of the matrix knows, whatever the machine's mke2fs.conf(5) adds. */
const FEATURES = "none,extent,filetype,has_journal,large_file,sparse_super";

/**
 * Gives an empty ext4 image that is shared by all guests; each writes to a copy of its own.
 *
 * @returns the image's path
 */
export async function scratchDisk(): Promise<string> {
  const folder = await cachedFolder("disk", async (unfinished) => {
    const image = `${unfinished}/scratch.img`;
    await Deno.writeFile(image, new Uint8Array());
    await Deno.truncate(image, SIZE_BYTES);
    await runProgram("mkfs.ext4", ["-q", "-F", "-O", FEATURES, image], { purpose: "make the guests' disk" });
  });
  return `${folder}/scratch.img`;
}
