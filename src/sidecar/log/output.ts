/** Standard error, as the log and the command line write to it: no write blocks, and none throws. @module */
import { Output } from "../../syscall/mod.ts";
import { LogQueue } from "./queue.ts";

const STANDARD_ERROR = 2;

/** Between two attempts to write what waits. */
const RETRY_MS = 500;

/** How long the end of the program waits for a reader that is slow. */
const PATIENCE_MS = 200;

/** A place for the lines of the log. */
export interface LogOutput {
  /** Lines that found no room, since the start. */
  readonly dropped: number;
  /**
   * Makes ready to write. Where it is a regular file, another thread writes to it from then on: nothing tells that a
   * disk hangs.
   */
  open(): void;
  /** Writes a line, now or later. */
  write(line: string): void;
  /** Writes what waits, and waits a moment for a slow reader: for the end of the program. */
  end(): Promise<void>;
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
  let isFollowing = false;

  /** Made with the first line: a program that says nothing opens nothing. */
  const open = (elsewhere = false): Output | undefined => {
    if (isTried) return output;
    isTried = true;
    try {
      output = new Output(STANDARD_ERROR, elsewhere);
    } catch {
      // No FFI: the error that says so is what is about to be written.
    }
    return output;
  };
  const queue = new LogQueue({
    write: (bytes) => open()?.write(bytes) ?? writeByRuntime(bytes),
    resumed,
  });
  const pendingBytes = () => queue.waitingBytes + (output?.takenBytes ?? 0);
  const flush = () => {
    try {
      output?.flush();
    } catch {
      // As the lines behind it: the queue keeps the reason.
    }
    queue.flush();
  };
  const retryLater = () => {
    if (pendingBytes() === 0 || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      flush();
      goOn();
    }, RETRY_MS);
    Deno.unrefTimer(timer);
  };
  /** Writes the next line when the other thread is done with the last, or tries again after a while. */
  const goOn = () => {
    const underway = output?.underway;
    if (underway === undefined) return retryLater();
    if (isFollowing) return;
    isFollowing = true;
    underway.then(() => {
      isFollowing = false;
      flush();
      goOn();
    });
  };
  return {
    get dropped() {
      return queue.dropped;
    },
    open: () => void open(true),
    write: (line) => {
      queue.push(line);
      goOn();
    },
    end: async () => {
      if (output === undefined) return;
      const deadline = performance.now() + PATIENCE_MS;
      const left = () => Math.max(0, Math.ceil(deadline - performance.now()));
      // A full disk is always ready to be written to: without progress it is over.
      for (let before = Infinity; pendingBytes() > 0 && pendingBytes() < before && left() > 0;) {
        before = pendingBytes();
        await within(left(), output.underway);
        output.isWritable(left());
        flush();
      }
      clearTimeout(timer);
    },
  };
}

/** Waits for a promise, if it is soon resolved. */
async function within(ms: number, promise: Promise<void> | undefined): Promise<void> {
  if (promise === undefined) return;
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([promise, late.promise]);
  clearTimeout(timer);
}
