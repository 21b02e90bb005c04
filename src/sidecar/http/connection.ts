/** One connection to the HTTP server. @module */
import { answerBytes, type AnswerForm, type HttpAnswer, refusal, UNKNOWN_FORM } from "./answer.ts";
import { type HeadReading, readHead } from "./head.ts";
import type { HttpLimits } from "./limits.ts";

/** At most so much of what a client still sends is read when its last answer has been sent. */
const LINGER_BYTES = 1 << 20;

/** Every byte as the character of its number: `TextDecoder` knows no such encoding, its "latin1" is another. */
function characters(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** One connection, and what has come that is not yet answered. */
export class Connection {
  /** The address of the other side. */
  readonly peer: string;
  readonly #conn: Deno.TcpConn;
  readonly #limits: HttpLimits;
  readonly #input: Uint8Array<ArrayBuffer>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #received = "";
  #activeMs = performance.now();
  /** Whether the time for a head is over. */
  #isLate = false;

  /**
   * Takes a connection over.
   *
   * @param input what is read into, as long as a head may be; until the connection has ended it is not free
   */
  constructor(conn: Deno.TcpConn, limits: HttpLimits, input: Uint8Array<ArrayBuffer>) {
    this.peer = conn.remoteAddr.hostname;
    this.#conn = conn;
    this.#limits = limits;
    this.#input = input;
  }

  /** When it was last heard of, in the milliseconds of `performance.now()`: a whole request, or bytes taken. */
  get activeMs(): number {
    return this.#activeMs;
  }

  /**
   * The next request, or what cannot be one; undefined at the end. Waits long for its first byte, and not for the
   * rest of it: who is late with that is told so.
   */
  async head(): Promise<HeadReading | undefined> {
    if (this.#received === "") this.#closeAfter(this.#limits.idleMs);
    else this.#refuseAfter(this.#limits.headMs);
    for (;;) {
      const reading = readHead(this.#received, this.#limits.headBytes);
      if (reading !== undefined) {
        this.#received = "head" in reading ? reading.rest : "";
        clearTimeout(this.#timer);
        this.#activeMs = performance.now();
        return reading;
      }
      const count = await this.#conn.read(this.#input);
      if (count === null) return undefined;
      if (this.#isLate) continue;
      if (this.#received === "") this.#refuseAfter(this.#limits.headMs);
      this.#received += characters(this.#input.subarray(0, count));
    }
  }

  /**
   * Sends an answer; gives it up where the other side does not take it.
   *
   * @returns the bytes that have been taken
   */
  async write(answer: HttpAnswer, form: AnswerForm): Promise<number> {
    const { stallMs, graceMs, slowestRate } = this.#limits;
    const start = performance.now();
    let taken = 0;
    for await (const bytes of answerBytes(answer, form)) {
      for (let sent = 0; sent < bytes.length;) {
        const spent = performance.now() - start;
        this.#closeAfter(Math.min(stallMs, graceMs + 1000 * taken / slowestRate - spent));
        const count = await this.#conn.write(sent === 0 ? bytes : bytes.subarray(sent));
        // The next piece may take its time to be made.
        clearTimeout(this.#timer);
        [sent, taken] = [sent + count, taken + count];
        this.#activeMs = performance.now();
      }
    }
    return taken;
  }

  /**
   * Ends the connection after its last answer: at once, the rest of what the other side has sent would have the
   * kernel throw the answer away (RFC 9112 section 9.6).
   */
  async end(): Promise<void> {
    this.#closeAfter(this.#limits.lingerMs);
    await this.#conn.closeWrite();
    for (let rest = LINGER_BYTES; rest > 0;) {
      const count = await this.#conn.read(this.#input);
      if (count === null) return;
      rest -= count;
    }
  }

  /** Ends the connection at once. */
  close(): void {
    clearTimeout(this.#timer);
    try {
      this.#conn.close();
    } catch {
      // It has been closed before: by the other side, for its silence, or for another one.
    }
  }

  /** Says that the rest of a head has not come in time; the other side has a moment to read that. */
  async #refuse(): Promise<void> {
    this.#isLate = true;
    this.#closeAfter(this.#limits.lingerMs);
    try {
      for await (const bytes of answerBytes(refusal(408), UNKNOWN_FORM)) await this.#conn.write(bytes);
      await this.#conn.closeWrite();
    } catch {
      // The connection is gone; there is no one to tell.
    }
  }

  #closeAfter(ms: number): void {
    this.#after(ms, () => this.close());
  }

  #refuseAfter(ms: number): void {
    this.#after(ms, () => this.#refuse());
  }

  #after(ms: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, ms);
  }
}
