/** Debian's cloud kernels, fetched once. @module */
import { openDebian } from "../apt/debian.ts";
import type { Architecture } from "../architectures.ts";
import { cachedFolder } from "../cache.ts";
import { listFiles } from "../files.ts";
import type { Kernel } from "../kernels.ts";

/** A kernel on the machine's disk. */
export interface FetchedKernel {
  /** The unpacked packages. */
  readonly folder: string;
  /** The files below the folder. */
  readonly files: readonly string[];
  /** The kernel to start. */
  readonly image: string;
  /** The packages, as `name=version`. */
  readonly packages: readonly string[];
}

/** The file that remembers the packages' versions. */
const PACKAGES_FILE = "packages.txt";

/** From 7.x the image's package is empty and depends on these. */
const PARTS = /^linux-(base|binary|modules)-\d/;

const numerically = new Intl.Collator("en", { numeric: true });

/**
 * Picks the newest cloud kernel of a release.
 *
 * @param names packages
 * @param release the first two numbers of the version
 * @param architecture Debian's name of the architecture
 */
export function newestImage(
  names: readonly string[],
  release: string,
  architecture: string,
): string | undefined {
  const suffix = `-cloud-${architecture}`;
  return names
    .filter((name) => name.startsWith(`linux-image-${release}.`) && name.endsWith(suffix))
    .sort(numerically.compare)
    .at(-1);
}

async function fetchInto(folder: string, kernel: Kernel, architecture: Architecture): Promise<void> {
  const archive = await openDebian(`${folder}/apt`, kernel.suite, architecture.name);
  const image = newestImage(await archive.names("linux-image-"), kernel.release, architecture.name);
  if (image === undefined) {
    throw new Deno.errors.NotFound(
      `Cannot fetch kernel ${kernel.release}: ${kernel.suite} has no cloud kernel of it for ${architecture.name}: ` +
        "name another release or suite in tests/vm/kernels.ts",
    );
  }
  const parts = (await archive.dependencies(image)).filter((name) => PARTS.test(name));
  const packages = await archive.extract([image, ...parts], folder);
  await Deno.writeTextFile(`${folder}/${PACKAGES_FILE}`, packages.join("\n"));
  await Deno.remove(`${folder}/apt`, { recursive: true });
}

/**
 * Gives a kernel, from the cache if it is there.
 *
 * @param kernel which release
 * @param architecture for which machine
 * @throws {Error} if it is neither there nor to be fetched
 */
export async function fetchKernel(kernel: Kernel, architecture: Architecture): Promise<FetchedKernel> {
  const name = `kernels/${kernel.release}-${architecture.name}`;
  const folder = await cachedFolder(name, (unfinished) => fetchInto(unfinished, kernel, architecture));
  const files = await listFiles(folder);
  const image = files.find((path) => /(^|\/)vmlinuz[^/]*$/.test(path));
  if (image === undefined) {
    throw new Deno.errors.NotFound(
      `Cannot use kernel ${kernel.release}: no vmlinuz in ${folder}: remove the folder`,
    );
  }
  const packages = (await Deno.readTextFile(`${folder}/${PACKAGES_FILE}`)).split("\n");
  return { folder, files, image: `${folder}/${image}`, packages };
}
