/** The lines of the log that are not written yet. Pure: how to write is the caller's affair. @module */
import { messageOf } from "../../syscall/message_of.ts";

/** Bytes of lines that wait; some hundred lines. */
const MOST_BYTES = 64 * 1024;

/** Where lines go. */
export interface LogQueueOptions {
  /** Writes what there is room for now and gives the number of bytes; throws if nothing can be written. */
  readonly write: (bytes: Uint8Array<ArrayBuffer>) => number;
  /** Makes the line that says how many were dropped, and why. */
  readonly resumed: (dropped: number, why: string) => string;
  /** Bytes that may wait. */
  readonly mostBytes?: number;
}

/** What is said where there is no room. */
const NO_ROOM = "standard error accepted no more";

/**
 * Lines in their order, of which those that cannot be written wait, up to a number of bytes; what comes then is
 * dropped and counted. Never throws.
 */
export class LogQueue {
  readonly #options: LogQueueOptions;
  readonly #mostBytes: number;
  readonly #encoder = new TextEncoder();
  readonly #lines: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;
  #dropped = 0;
  #told = 0;
  #why = NO_ROOM;

  /** @param options where lines go */
  constructor(options: LogQueueOptions) {
    this.#options = options;
    this.#mostBytes = options.mostBytes ?? MOST_BYTES;
  }

  /** Lines dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes of the lines that wait. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Whether lines wait. */
  get isWaiting(): boolean {
    return this.#lines.length > 0;
  }

  /** Writes a line after those that wait, or has it wait. */
  push(line: string): void {
    this.flush();
    const bytes = this.#encoder.encode(`${line}\n`);
    if (this.isWaiting && this.#bytes + bytes.length > this.#mostBytes) {
      this.#dropped++;
      return;
    }
    this.#append(bytes);
    this.flush();
  }

  /** Writes what waits, as far as there is room; when all is written, says what was dropped. */
  flush(): void {
    this.#writeLines();
    const dropped = this.#dropped - this.#told;
    if (this.isWaiting || dropped === 0) return;
    this.#told = this.#dropped;
    this.#append(this.#encoder.encode(`${this.#options.resumed(dropped, this.#why)}\n`));
    this.#writeLines();
  }

  #append(bytes: Uint8Array<ArrayBuffer>): void {
    this.#lines.push(bytes);
    this.#bytes += bytes.length;
  }

  #writeLines(): void {
    try {
      for (let line = this.#lines[0]; line !== undefined; line = this.#lines[0]) {
        const written = this.#options.write(line);
        this.#bytes -= written;
        if (written === line.length) this.#lines.shift();
        else this.#lines[0] = line.subarray(written);
        if (written === 0) {
          this.#why = NO_ROOM;
          return;
        }
      }
    } catch (error) {
      this.#why = messageOf(error);
    }
  }
}
