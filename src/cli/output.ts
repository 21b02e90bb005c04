/** Standard output, which carries data only. @module */
import { Errno, isErrno, messageOf, Output, SyscallError } from "../syscall/mod.ts";

const STANDARD_OUTPUT = 1;

/** How long the end of a live view waits for a reader that is slow. */
const PATIENCE_MS = 200;

/** Waits until there is room: standard output may be set not to wait by itself, which is others' doing. */
function untilWritable(): void {
  new Output(STANDARD_OUTPUT).isWritable(-1);
}

function writeSome(bytes: Uint8Array): number {
  try {
    return Deno.stdout.writeSync(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) throw error;
    if (!(error instanceof Deno.errors.WouldBlock)) throw outputError(error);
    untilWritable();
    return 0;
  }
}

function outputError(error: unknown): Error {
  const reason = messageOf(error);
  return new Error(`Cannot write to standard output: ${reason}`, { cause: error });
}

/**
 * Writes text to standard output, all of it.
 *
 * @throws {Deno.errors.BrokenPipe} if it is not read any more, which ends the program quietly
 * @throws {Error} if it cannot be written, as on a full disk
 */
export function print(text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(writeSome(rest));
}

/**
 * Standard output for what is soon out of date: while its reader leaves no room nothing waits, and what comes is left
 * out. A text that has begun is finished before the next one.
 */
export class LiveOutput {
  readonly #output = new Output(STANDARD_OUTPUT);
  #rest = new Uint8Array(new ArrayBuffer(0));

  /**
   * Writes a text, or leaves it out.
   *
   * @throws {Deno.errors.BrokenPipe} if it is not read any more
   * @throws {Error} if it cannot be written, as on a full disk
   */
  write(text: string): void {
    this.#flush();
    if (this.#rest.length > 0) return;
    this.#rest = new TextEncoder().encode(text);
    this.#flush();
  }

  /** Writes a last text after a moment at most, if there is room then; never throws. */
  end(text: string): void {
    const deadline = performance.now() + PATIENCE_MS;
    const whole = [this.#rest, new TextEncoder().encode(text)];
    try {
      for (const piece of whole) {
        this.#rest = piece;
        while (this.#rest.length > 0) {
          const leftMs = Math.ceil(deadline - performance.now());
          if (leftMs <= 0 || !this.#output.isWritable(leftMs)) return;
          this.#flush();
        }
      }
    } catch {
      // It is not read any more.
    }
  }

  #flush(): void {
    try {
      while (this.#rest.length > 0) {
        const written = this.#output.write(this.#rest);
        if (written === 0) return;
        this.#rest = this.#rest.subarray(written);
      }
    } catch (error) {
      if (isErrno(error, Errno.EPIPE)) throw new Deno.errors.BrokenPipe(error.message);
      throw error instanceof SyscallError ? outputError(error) : error;
    }
  }
}
