/** Standard error, as the log and the command line write to it: no write blocks, and none throws. @module */
import { Output } from "../syscall/mod.ts";
import { LogQueue } from "./log_queue.ts";

const STANDARD_ERROR = 2;

/** Between two attempts to write what waits. */
const RETRY_MS = 500;

/** How long the end of the program waits for a reader that is slow. */
const PATIENCE_MS = 200;

/** A place for the lines of the log. */
export interface LogOutput {
  /** Lines that found no room, since the start. */
  readonly dropped: number;
  /** Makes ready to write. */
  open(): void;
  /** Writes a line, now or later. */
  write(line: string): void;
  /** Writes what waits, and waits a moment for a slow reader: for the end of the program. */
  end(): void;
}

/** The runtime's own way to standard error, for a process that may not call the C library. */
function writeByRuntime(bytes: Uint8Array): number {
  return Deno.stderr.writeSync(bytes);
}

/**
 * Standard error.
 *
 * @param resumed makes the line that says how many lines were dropped, and why
 */
export function standardError(resumed: (dropped: number, why: string) => string): LogOutput {
  let output: Output | undefined;
  let isTried = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Made with the first line: a program that says nothing opens nothing. */
  const open = (): Output | undefined => {
    if (isTried) return output;
    isTried = true;
    try {
      output = new Output(STANDARD_ERROR);
    } catch {
      // No FFI: the error that says so is what is about to be written.
    }
    return output;
  };
  const queue = new LogQueue({
    write: (bytes) => open()?.write(bytes) ?? writeByRuntime(bytes),
    resumed,
  });
  const retry = () => {
    timer = undefined;
    queue.flush();
    retryLater();
  };
  const retryLater = () => {
    if (!queue.isWaiting || timer !== undefined) return;
    timer = setTimeout(retry, RETRY_MS);
    Deno.unrefTimer(timer);
  };
  return {
    get dropped() {
      return queue.dropped;
    },
    open: () => void open(),
    write: (line) => {
      queue.push(line);
      retryLater();
    },
    end: () => {
      const deadline = performance.now() + PATIENCE_MS;
      const left = () => Math.max(0, Math.ceil(deadline - performance.now()));
      let before = Infinity;
      // A full disk is always ready to be written to: without progress it is over.
      while (queue.isWaiting && queue.waitingBytes < before && output?.isWritable(left())) {
        before = queue.waitingBytes;
        queue.flush();
      }
    },
  };
}
