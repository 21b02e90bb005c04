/** The `deno` program for a guest. @module */
import { type Architecture, isNative } from "../architectures.ts";
import { cachedFolder } from "../cache.ts";
import { readProgram, runProgram } from "../programs.ts";

/**
 * Gives the path of a `deno` of the running version for an architecture: the running program, or one from npm,
 * whose checksum `npm` compares with the registry's.
 */
export async function denoProgram(architecture: Architecture): Promise<string> {
  if (isNative(architecture)) return await Deno.realPath(Deno.execPath());
  const { deno: version } = Deno.version;
  const folder = await cachedFolder(`deno/${version}-${architecture.name}`, async (unfinished) => {
    const name = await readProgram("npm", ["pack", "--silent", `${architecture.denoPackage}@${version}`], {
      purpose: `fetch deno for ${architecture.name}`,
      cwd: unfinished,
    });
    const archive = `${unfinished}/${name.trim()}`;
    await runProgram("tar", ["--extract", "--strip-components=1", "--file", archive], {
      purpose: "unpack deno",
      cwd: unfinished,
    });
    await Deno.remove(archive);
    await Deno.chmod(`${unfinished}/deno`, 0o755);
  });
  return `${folder}/deno`;
}
