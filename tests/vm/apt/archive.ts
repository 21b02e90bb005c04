/** An APT of its own: sources, lists and packages in a folder, the machine's configuration untouched. @module */
import { readProgram, runProgram } from "../programs.ts";
import { formatDeb822Sources, type Source } from "./sources.ts";

/**
 * Hooks of the machine's configuration that would touch the machine's own lists and packages; the rest of it
 * (proxies, time limits) holds here too.
 */
const HOOKS = ["APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success"];

function configuration(folder: string, architecture: string): string {
  const settings: Readonly<Record<string, string>> = {
    "Dir::Etc::sourcelist": `${folder}/archive.sources`,
    "Dir::Etc::sourceparts": "-",
    "Dir::Etc::preferences": "-",
    "Dir::Etc::preferencesparts": "-",
    "Dir::State": `${folder}/state`,
    "Dir::State::status": `${folder}/status`,
    "Dir::Cache": `${folder}/cache`,
    "APT::Architecture": architecture,
    "APT::Architectures": architecture,
    "Acquire::Languages": "none",
    // The folder may be below a home that the user _apt cannot enter.
    "APT::Sandbox::User": "root",
    // Without the descriptions for software centres.
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
  };
  return [
    ...HOOKS.map((hook) => `#clear ${hook};\n`),
    "#clear APT::Architectures;\n",
    ...Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`),
  ].join("");
}

/** One archive for one architecture. Signatures are checked by APT as always. */
export class Archive {
  readonly #folder: string;
  readonly #suite: string;

  private constructor(folder: string, suite: string) {
    this.#folder = folder;
    this.#suite = suite;
  }

  /**
   * Fetches the lists of an archive.
   *
   * @param folder an empty folder
   * @param source the archive
   * @param architecture Debian's name of the architecture
   * @throws {Error} if the archive cannot be reached or its signature does not hold
   */
  static async open(folder: string, source: Source, architecture: string): Promise<Archive> {
    await Promise.all(
      ["state/lists/partial", "cache/archives/partial"].map((name) =>
        Deno.mkdir(`${folder}/${name}`, { recursive: true })
      ),
    );
    await Promise.all([
      Deno.writeTextFile(`${folder}/apt.conf`, configuration(folder, architecture)),
      Deno.writeTextFile(`${folder}/archive.sources`, formatDeb822Sources([source])),
      Deno.writeTextFile(`${folder}/status`, ""),
    ]);
    const archive = new Archive(folder, source.suites.join(" "));
    await runProgram("apt-get", ["--config-file", `${folder}/apt.conf`, "-qq", "--error-on=any", "update"], {
      purpose: `fetch the package lists of ${archive.#suite}`,
    });
    return archive;
  }

  #query(args: readonly string[]): Promise<string> {
    return readProgram("apt-cache", ["--config-file", `${this.#folder}/apt.conf`, ...args], {
      purpose: `read the package lists of ${this.#suite}`,
    });
  }

  /** The names of the packages that begin with a prefix. */
  async names(prefix: string): Promise<string[]> {
    return (await this.#query(["pkgnames", prefix])).split("\n").filter((name) => name !== "");
  }

  /** The packages that a package depends on, without alternatives. */
  async dependencies(name: string): Promise<string[]> {
    const text = await this.#query(["depends", "--important", name]);
    return [...text.matchAll(/^ +(?:Pre)?Depends: (\S+)$/gm)].map(([, dependency]) => dependency!);
  }

  /**
   * Fetches packages and unpacks them.
   *
   * @param names the packages
   * @param folder where their files go
   * @returns name and version of each, as `name=version`
   * @throws {Error} if one cannot be fetched or is not what the signed lists say
   */
  async extract(names: readonly string[], folder: string): Promise<string[]> {
    const packages = await Deno.makeTempDir({ dir: this.#folder, prefix: "packages-" });
    await runProgram("apt-get", ["--config-file", `${this.#folder}/apt.conf`, "-qq", "download", ...names], {
      purpose: `fetch packages of ${this.#suite}`,
      cwd: packages,
    });
    const versions: string[] = [];
    for await (const { name } of Deno.readDir(packages)) {
      const path = `${packages}/${name}`;
      await runProgram("dpkg-deb", ["--extract", path, folder], { purpose: "unpack a package" });
      versions.push(
        await readProgram("dpkg-deb", ["--show", "--showformat=${Package}=${Version}", path], {
          purpose: "read a package's version",
        }),
      );
    }
    return versions.sort();
  }
}
