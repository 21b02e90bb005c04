/**
 * An HTTP/1.1 server with bounds on everything a stranger can make it hold: connections, bytes and time.
 *
 * `Deno.serve()` has no bound on connections, and waits for ever for the rest of a head. A process that is short
 * of descriptors cannot look for its target.
 *
 * @module
 */
import { releaseGarbage } from "../../runtime/startup_memory.ts";
import { type AnswerForm, type HttpAnswer, refusal, UNKNOWN_FORM } from "./answer.ts";
import { Budget } from "./budget.ts";
import { Connection } from "./connection.ts";
import type { RequestHead } from "./head.ts";
import { HTTP_LIMITS, type HttpLimits, STREAM_BYTES } from "./limits.ts";

/** How a server answers. */
export interface HttpHandler {
  /**
   * The answer.
   *
   * @param head it has been checked
   * @param peer the address that the connection comes from
   */
  readonly respond: (head: RequestHead, peer: string) => HttpAnswer;
  /** Called when an answer could not be made. */
  readonly onError: (error: unknown) => void;
  /** Called when a connection cannot be accepted. */
  readonly onDeaf: (error: unknown) => void;
}

/** Between a connection that cannot be accepted and the next try. */
const ACCEPT_PAUSE_MS = 100;

/**
 * Errors that are about one connection, which was reset before it was accepted (`man 2 accept`; ENOTCONN, because
 * Deno asks each new connection for its peer). A pause for each would let a client that resets hundreds of
 * connections hold off all others.
 */
const GONE: readonly unknown[] = ["ENOTCONN", "ECONNABORTED", "ECONNRESET", "EPROTO"];

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && GONE.includes(error.code);
}

/**
 * After so many bytes of answers V8 looks for garbage, some milliseconds long. By itself it lets more than 140 MB
 * come together when clients ask as fast as they can, which is more than an agent in a container may have.
 */
const GARBAGE_BYTES = 4 << 20;

/** What the heads of a request and its answer leave behind beside the answer's body. */
const HEADS_BYTES = 4096;

/** For so long a connection is silent that is closed for want of descriptors. */
const SILENCE_MS = 1000;

/** A server from its construction until it is closed. */
export class HttpServer {
  readonly #listener: Deno.TcpListener;
  readonly #handler: HttpHandler;
  readonly #limits: HttpLimits;
  readonly #budget: Budget;
  /** With what ends when they have given back their descriptors. */
  readonly #connections = new Map<Connection, Promise<void>>();
  /** Buffers that no connection uses, at most as many as there have been connections at a time. */
  readonly #inputs: Uint8Array<ArrayBuffer>[] = [];
  readonly #accepting: Promise<void>;
  #isClosed = false;
  /** Bytes that answers have left behind. */
  #garbage = 0;

  /**
   * Listens.
   *
   * @throws {Error} if the address cannot be listened on
   */
  constructor(address: Deno.TcpListenOptions, handler: HttpHandler, limits: HttpLimits = HTTP_LIMITS) {
    this.#listener = Deno.listen(address);
    this.#handler = handler;
    this.#limits = limits;
    this.#budget = new Budget(limits.answerBytes);
    this.#accepting = this.#accept();
  }

  /** Where it listens. */
  get address(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Ends at once, for everybody. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listener.close();
    for (const connection of this.#connections.keys()) connection.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        const conn = await this.#listener.accept();
        if (this.#connections.size >= this.#limits.connections) await this.#closeSilent(0);
        if (this.#isClosed) return conn.close();
        this.#serve(conn);
      } catch (error) {
        if (this.#isClosed) return;
        if (isGone(error)) continue;
        this.#handler.onDeaf(error);
        // Too many descriptors are open: one is given back here, the rest may take a while. The kernel says so
        // also where no connection waits, so that the one that has just come is left alone.
        await this.#closeSilent(SILENCE_MS);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      }
    }
  }

  /** Closes the connection that has been silent for longest, if that is so long, and waits for its descriptor. */
  async #closeSilent(leastMs: number): Promise<void> {
    let longest: Connection | undefined;
    for (const connection of this.#connections.keys()) {
      if (longest === undefined || connection.activeMs < longest.activeMs) longest = connection;
    }
    if (longest === undefined || performance.now() - longest.activeMs < leastMs) return;
    longest.close();
    await this.#connections.get(longest);
  }

  #serve(conn: Deno.TcpConn): void {
    // Made for each connection, buffers would be garbage of which V8 lets tens of megabytes come together.
    const input = this.#inputs.pop() ?? new Uint8Array(this.#limits.headBytes);
    const connection = new Connection(conn, this.#limits, input);
    const end = this.#answerAll(connection).finally(() => {
      this.#connections.delete(connection);
      this.#inputs.push(input);
    });
    this.#connections.set(connection, end);
  }

  /** Answers until the connection ends. Never rejects. */
  async #answerAll(connection: Connection): Promise<void> {
    try {
      while (await this.#answer(connection));
    } catch {
      // The connection is gone; there is no one to tell.
    } finally {
      connection.close();
    }
  }

  /** Answers the next request; false if there is no further one. */
  async #answer(connection: Connection): Promise<boolean> {
    const reading = await connection.head();
    if (reading === undefined) return false;
    const isRefused = "refusal" in reading;
    const answer = isRefused ? refusal(reading.refusal) : this.#respond(reading.head, connection.peer);
    const form = isRefused ? UNKNOWN_FORM : reading.head;
    this.#litter(await this.#write(connection, answer, form));
    if (form.keepsAlive) return true;
    await connection.end();
    return false;
  }

  /** Has V8 look for garbage when enough has come together. */
  #litter(bytes: number): void {
    this.#garbage += bytes + HEADS_BYTES;
    if (this.#garbage < GARBAGE_BYTES) return;
    this.#garbage = 0;
    releaseGarbage();
  }

  /**
   * Sends an answer for which there is room, and else says that there is none.
   *
   * @returns the bytes that have been taken
   */
  async #write(connection: Connection, answer: HttpAnswer, form: AnswerForm): Promise<number> {
    const { body } = answer;
    using room = this.#budget.take(body instanceof Uint8Array ? body : STREAM_BYTES);
    if (room === undefined && !(body instanceof Uint8Array)) await body.return?.();
    const sent = room === undefined ? refusal(503, { "retry-after": "5" }) : answer;
    return await connection.write(sent, form);
  }

  #respond(head: RequestHead, peer: string): HttpAnswer {
    try {
      return this.#handler.respond(head, peer);
    } catch (error) {
      this.#handler.onError(error);
      return refusal(500);
    }
  }
}
