/** Programs of the machine: where they are, and how to run one to its end. @module */

/** Where Debian keeps programs; a user's `PATH` may lack the folders for the superuser's. */
const FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/**
 * Finds a program.
 *
 * @param name its name without a folder
 * @returns its path, or undefined if the machine does not have it
 */
export function findProgram(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return [...folders, ...FOLDERS].map((folder) => `${folder}/${name}`).find(isFile);
}

/** How {@linkcode runProgram} runs a program. */
export interface RunOptions {
  /** What the program is to do, for the message: "extract a package". */
  readonly purpose: string;
  /** The folder it runs in. */
  readonly cwd?: string;
  /** Variables beside the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end.
 *
 * @param name the program, or its path
 * @param args its arguments
 * @param options what for, and where
 * @returns what it wrote to standard output
 * @throws {Deno.errors.NotFound} if the machine does not have it
 * @throws {Error} if it ends with another status than 0, with what it wrote to standard error
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  { purpose, cwd, env }: RunOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const path = name.includes("/") ? name : findProgram(name);
  if (path === undefined) {
    throw new Deno.errors.NotFound(`Cannot ${purpose}: ${name} not found: install the package that has it`);
  }
  const result = await new Deno.Command(path, {
    args: [...args],
    stdin: "null",
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env } }),
  }).output();
  if (result.success) return result.stdout;
  const reason = new TextDecoder().decode(result.stderr).trim() || `it ended with status ${result.code}`;
  throw new Error(`Cannot ${purpose}: ${name} ${args.join(" ")}: ${reason}`);
}

/** As {@linkcode runProgram}, with the output as text. */
export async function readProgram(
  name: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  return new TextDecoder().decode(await runProgram(name, args, options));
}
