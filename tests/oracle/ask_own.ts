/** What this loader asks of the kernel for an object. @module */
import { ROOT } from "../support/ktm.ts";
import type { Job } from "./own.ts";
import { type ObjectRecord, readRecord, type Refusal } from "./records.ts";

/** What stands after the lines of a job. */
const END = "\n\n";

/** A process that runs `tests/oracle/own.ts`, one job at a time. */
export class OwnOracle implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;

  /**
   * Starts the process.
   *
   * @param kernel `tests/oracle/kernel.c` as a shared object
   * @param newestKind the newest kind of BTF types that the kernel knows
   */
  constructor(kernel: string, newestKind: number) {
    const program = new URL("tests/oracle/own.ts", ROOT).pathname;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", program, kernel, String(newestKind)],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Has the object of a job loaded. */
  async record(job: Job): Promise<ObjectRecord | Refusal> {
    await this.#input.write(new TextEncoder().encode(`${JSON.stringify(job)}\n`));
    let text = "";
    while (!text.endsWith(END)) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`Cannot load ${job.object}: the loader's process has ended after ${text}`);
      text += value;
    }
    return readRecord(text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It may have ended before its time.
    await this.#input.close().catch(() => {});
    await this.#output.cancel();
    await this.#process.status;
  }
}
