/** Child processes whose output is awaited line by line, and which end with the test. @module */
import { DEADLINE_MS, within } from "./until.ts";

/** How a program ended and what it said. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running program; disposing it kills it, if it still runs, and waits for its end. */
export class Child implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #stdout: Promise<string>;
  readonly #stderr: Promise<void>;
  readonly #status: Promise<Deno.CommandStatus>;
  readonly #isPiped: boolean;
  #text = "";
  #hasEnded = false;
  #wake = Promise.withResolvers<void>();

  /** Starts a program; standard input is empty unless the options say otherwise. */
  constructor(program: string, options: Deno.CommandOptions = {}) {
    const settings: Deno.CommandOptions = { stdin: "null", ...options, stdout: "piped", stderr: "piped" };
    this.#isPiped = settings.stdin === "piped";
    this.#process = new Deno.Command(program, settings).spawn();
    this.#stdout = new Response(this.#process.stdout).text();
    this.#stderr = this.#readStderr();
    this.#status = this.#process.status.then((status) => {
      this.#hasEnded = true;
      return status;
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** What it has written to standard error so far. */
  get stderr(): string {
    return this.#text;
  }

  /** The exit code, once there is one. */
  get ended(): Promise<number> {
    return this.#status.then(({ code }) => code);
  }

  async #readStderr(): Promise<void> {
    for await (const chunk of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#text += chunk;
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }
    this.#wake.resolve();
  }

  /**
   * Waits for text on standard error.
   *
   * @param pattern what to look for; `^` and `$` stand at lines
   * @param count which occurrence
   * @param deadlineMs how long it may take
   * @throws {Error} if the program ends before, or takes too long
   */
  async said(pattern: RegExp, count = 1, deadlineMs: number = DEADLINE_MS): Promise<RegExpMatchArray> {
    const ended = this.#stderr.then(() => true);
    const find = () => [...this.#text.matchAll(new RegExp(pattern, "gm"))][count - 1];
    const search = async (): Promise<RegExpMatchArray> => {
      for (let isOver = false;;) {
        const match = find();
        if (match !== undefined) return match;
        if (isOver) throw new Error(`Cannot go on: it never said ${pattern}, but: ${this.#text}`);
        isOver = await Promise.race([ended, this.#wake.promise.then(() => false)]);
      }
    };
    return await within(`${pattern} in ${JSON.stringify(this.#text)}`, deadlineMs, search());
  }

  /** Writes to standard input, which has to be piped. */
  async write(text: string): Promise<void> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    writer.releaseLock();
  }

  /** Ends standard input, which has to be piped. */
  async endInput(): Promise<void> {
    await this.#process.stdin.close();
  }

  kill(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits for the end. */
  async outcome(): Promise<Outcome> {
    const { code } = await within(`end of process ${this.pid}: ${this.#text}`, 3 * DEADLINE_MS, this.#status);
    await this.#stderr;
    return { code, stdout: await this.#stdout, stderr: this.#text };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#process.kill("SIGKILL");
    if (this.#isPiped) await this.#process.stdin.abort().catch(() => {});
    await this.#status;
    await this.#stdout;
    await this.#stderr;
  }
}

/** Runs a program to its end. */
export async function output(program: string, ...args: readonly string[]): Promise<Outcome> {
  await using child = new Child(program, { args: [...args] });
  return await child.outcome();
}
