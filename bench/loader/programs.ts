/** Programs that a benchmark starts. @module */
import { Child } from "../../tests/support/child.ts";
import { ROOT } from "../../tests/support/ktm.ts";

/** Runs a program to its end in the checkout, and gives what it printed. */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  await using child = new Child(program, { args: [...args], cwd: ROOT, env });
  const { code, stdout, stderr } = await child.outcome();
  if (code !== 0) {
    throw new Error(`Cannot run ${program} ${args[0]}: it ended with ${code} and said: ${stderr}`);
  }
  return stdout;
}

/** Compiles a C program. */
export async function compile(source: string, path: string, ...libraries: readonly string[]): Promise<void> {
  await run("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source, ...libraries]);
}

/** The numbers in a line. */
export function numbers(line: string): number[] {
  return line.trim().split(" ").map(Number);
}

/** A program that does the same again for each byte it is sent, and prints a line of numbers. */
export class OnDemand implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(program: string, args: readonly string[]) {
    this.#process = new Deno.Command(program, {
      args: [...args],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    this.#writer = this.#process.stdin.getWriter();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Has it done once. */
  async run(): Promise<number[]> {
    await this.#writer.write(new Uint8Array(1));
    for (let line = "";;) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("Cannot measure: the program has ended");
      line += value;
      if (line.endsWith("\n")) return numbers(line);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.#process.status;
  }
}
