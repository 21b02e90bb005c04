/**
 * An HTTP/1.1 server with bounds on everything a stranger can make it hold: connections, bytes and time.
 *
 * `Deno.serve()` has no bound on connections, and waits for ever for the rest of a head. A process that is short
 * of descriptors cannot look for its target.
 *
 * @module
 */
import { answerBytes, type AnswerForm, refusal } from "./http_answer.ts";
import { parseHead, type RequestHead } from "./http_head.ts";

/** What a server lets happen. */
export interface HttpLimits {
  /** Connections at a time; for one more, the one that has been silent for longest is closed. */
  readonly connections: number;
  /** Bytes of a request's head. */
  readonly headBytes: number;
  /** Milliseconds for a request to come, from the connection or the answer before, and again for its answer. */
  readonly patienceMs: number;
}

/** More than a Prometheus server or a kubelet needs, which keep a connection between two questions. */
export const HTTP_LIMITS: HttpLimits = { connections: 64, headBytes: 8192, patienceMs: 60_000 };

/** How a server answers. */
export interface HttpHandler {
  /** The answer; the head has been checked. */
  readonly respond: (head: RequestHead) => Response;
  readonly onError: (error: unknown) => void;
}

/** Between a connection that cannot be accepted and the next try. */
const ACCEPT_PAUSE_MS = 100;

const END_OF_HEAD = "\r\n\r\n";

/** How to answer what is no request. */
const UNKNOWN: AnswerForm = { method: "GET", keepsAlive: false, takesChunks: true };

/** One connection, and what has come that is not yet answered. */
class Connection {
  readonly #conn: Deno.Conn;
  readonly #limits: HttpLimits;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #buffered = "";

  constructor(conn: Deno.Conn, limits: HttpLimits) {
    this.#conn = conn;
    this.#limits = limits;
    this.wait();
  }

  /** Gives the other side its time from now on. */
  wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), this.#limits.patienceMs);
  }

  /** The next head without its empty line; undefined at the end, "too long" if it is. */
  async head(): Promise<string | undefined> {
    const chunk = new Uint8Array(this.#limits.headBytes);
    const decoder = new TextDecoder("latin1");
    for (;;) {
      const end = this.#buffered.indexOf(END_OF_HEAD);
      if (end >= 0) {
        const head = this.#buffered.slice(0, end);
        this.#buffered = this.#buffered.slice(end + END_OF_HEAD.length);
        return head;
      }
      if (this.#buffered.length >= this.#limits.headBytes) return this.#buffered;
      const count = await this.#conn.read(chunk);
      if (count === null) return undefined;
      this.#buffered += decoder.decode(chunk.subarray(0, count));
    }
  }

  async write(response: Response, form: AnswerForm): Promise<void> {
    for await (const bytes of answerBytes(response, form)) {
      for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    try {
      this.#conn.close();
    } catch {
      // It has been closed before: by the other side, for its silence, or for another one.
    }
  }
}

/** A server from its construction until it is closed. */
export class HttpServer {
  readonly #listener: Deno.TcpListener;
  readonly #handler: HttpHandler;
  readonly #limits: HttpLimits;
  /** The one that has been silent for longest first. */
  readonly #connections = new Set<Connection>();
  readonly #accepting: Promise<void>;
  #isClosed = false;

  /**
   * Listens.
   *
   * @throws {Error} if the address cannot be listened on
   */
  constructor(address: Deno.TcpListenOptions, handler: HttpHandler, limits: HttpLimits = HTTP_LIMITS) {
    this.#listener = Deno.listen(address);
    this.#handler = handler;
    this.#limits = limits;
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
    for (const connection of this.#connections) connection.close();
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    for (;;) {
      try {
        const connection = new Connection(await this.#listener.accept(), this.#limits);
        if (this.#connections.size >= this.#limits.connections) {
          const [silent] = this.#connections;
          if (silent !== undefined) this.#forget(silent);
        }
        this.#connections.add(connection);
        this.#serve(connection);
      } catch (error) {
        if (this.#isClosed) return;
        // Somebody who has left already, or too many descriptors, which takes a while to change.
        this.#handler.onError(error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      }
    }
  }

  #forget(connection: Connection): void {
    connection.close();
    this.#connections.delete(connection);
  }

  async #serve(connection: Connection): Promise<void> {
    try {
      while (await this.#answer(connection)) {
        connection.wait();
        this.#connections.delete(connection);
        this.#connections.add(connection);
      }
    } catch {
      // The connection is gone; there is nobody to tell.
    } finally {
      this.#forget(connection);
    }
  }

  /** Answers the next request; false if there is no further one. */
  async #answer(connection: Connection): Promise<boolean> {
    const text = await connection.head();
    if (text === undefined) return false;
    if (text.length >= this.#limits.headBytes) {
      await connection.write(refusal(431), UNKNOWN);
      return false;
    }
    connection.wait();
    const head = parseHead(text);
    const response = head === undefined ? refusal(400) : this.#respond(head);
    await connection.write(response, head ?? UNKNOWN);
    return head?.keepsAlive ?? false;
  }

  #respond(head: RequestHead): Response {
    try {
      return this.#handler.respond(head);
    } catch (error) {
      this.#handler.onError(error);
      return refusal(500);
    }
  }
}
