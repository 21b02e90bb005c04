/**
 * A worker that runs a program of this process over and over (`BPF_PROG_TEST_RUN`), while the test goes on.
 *
 * @module
 */
import { BpfCommand, bpfReply, TEST_RUN_ATTR } from "../../src/syscall/mod.ts";

/** What is run. */
export interface Order {
  /** The program's descriptor. */
  readonly program: number;
  /** Arguments of a raw tracepoint. */
  readonly args: readonly number[];
  readonly times: number;
}

/** Runs a raw tracepoint's program on this thread. */
export function runRawTracepoint({ program, args, times }: Order): void {
  const context = new Uint8Array(BigUint64Array.from(args, BigInt).buffer);
  for (let time = 0; time < times; time++) {
    bpfReply(BpfCommand.PROG_TEST_RUN, TEST_RUN_ATTR, {
      prog_fd: program,
      ctx_in: context,
      ctx_size_in: context.length,
    }, `run program ${program}`);
  }
}

/** A thread that runs programs; disposing it ends it. */
export class ProgramRunner implements AsyncDisposable {
  readonly #worker = new Worker(new URL("run_program_worker.ts", import.meta.url), { type: "module" });

  async #answer(): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#worker.onmessage = ({ data }) => resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot run a program: ${event.message}`));
    };
    return await promise;
  }

  /** Runs a raw tracepoint's program so many times, and waits for the end of that. */
  async run(program: number, args: readonly number[], times = 1): Promise<void> {
    const answer = this.#answer();
    this.#worker.postMessage({ program, args, times } satisfies Order);
    await answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#worker.terminate();
    return Promise.resolve();
  }
}
