/** The image of the Containerfile, built with buildah on bases that are made of this machine's files. @module */
import { type Outcome, output } from "../support/child.ts";
import { ROOT } from "../support/ktm.ts";
import { addProgram, addShell, makeRootFolder } from "./root_folder.ts";

/** What the build runs beside deno. */
const BUILD_COMMANDS = ["cp", "mkdir", "mv"];

/** Where certificates are that this machine trusts, if not where Deno looks. */
const CERTIFICATES = Deno.env.get("NODE_EXTRA_CA_CERTS");

/** An image as a container runtime sees it. */
export interface Image {
  /** Its root folder. */
  readonly root: string;
  readonly entrypoint: readonly string[];
  /** Like `61053:61053`. */
  readonly user: string;
}

/** An image store of the test's own. */
class Store {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async #buildah(...args: string[]): Promise<Outcome> {
    // vfs needs neither a kernel's file system nor mounts that would have to be undone.
    const storage = ["--root", `${this.#directory}/store`, "--runroot", `${this.#directory}/run`];
    return await output("buildah", ...storage, "--storage-driver", "vfs", ...args);
  }

  /** Runs buildah and gives the last line of what it says. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.#buildah(...args);
    if (code !== 0) throw new Error(`Cannot run buildah ${args[0]}: ${stdout}${stderr}`);
    return stdout.trim().split("\n").at(-1)!;
  }

  /** Makes an image of a folder. */
  async importFolder(
    root: string,
    name: string,
    environment: Readonly<Record<string, string>>,
  ): Promise<void> {
    const container = await this.run("from", "scratch");
    await this.run("copy", "--quiet", container, root, "/");
    const variables = Object.entries(environment).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    if (variables.length > 0) await this.run("config", ...variables, container);
    await this.run("commit", "--quiet", "--rm", container, name);
  }

  /** Gives the image's root folder and how it starts. */
  async open(name: string): Promise<Image> {
    const { stdout } = await this.#buildah("inspect", "--type", "image", name);
    const { Entrypoint, User } = JSON.parse(stdout).OCIv1.config;
    const root = await this.run("mount", await this.run("from", "--pull-never", name));
    return { root, entrypoint: Entrypoint, user: User };
  }
}

/** Deno's cache, so that a build needs not fetch everything again. */
async function denoCache(): Promise<string> {
  const { stdout } = await output(Deno.execPath(), "info", "--json");
  return JSON.parse(stdout).denoDir;
}

/**
 * Builds the image.
 *
 * @param directory for everything that is needed meanwhile and for the image's root
 * @param variant the build argument
 */
export async function buildImage(directory: string, variant: string): Promise<Image> {
  const store = new Store(directory);
  const [build, runtime] = [`${directory}/build`, `${directory}/runtime`];
  await makeRootFolder(build);
  await addShell(build, BUILD_COMMANDS);
  await addProgram(build, await Deno.realPath(Deno.execPath()), "usr/bin/deno");
  await makeRootFolder(runtime);
  await addProgram(runtime, await Deno.realPath(Deno.execPath()));
  await store.importFolder(build, "localhost/build", {
    PATH: "/usr/bin",
    DENO_DIR: "/deno-dir",
    ...CERTIFICATES === undefined ? {} : { DENO_CERT: CERTIFICATES },
  });
  await store.importFolder(runtime, "localhost/runtime", {});
  await store.run(
    "build",
    "--isolation=chroot",
    "--pull-never",
    `--volume=${await denoCache()}:/deno-dir`,
    ...CERTIFICATES === undefined ? [] : [`--volume=${CERTIFICATES}:${CERTIFICATES}:ro`],
    `--build-arg=VARIANT=${variant}`,
    "--build-arg=BUILD_BASE=localhost/build",
    "--build-arg=RUNTIME_BASE=localhost/runtime",
    "--tag=localhost/ktm",
    ROOT.pathname,
  );
  return await store.open("localhost/ktm");
}
