/** A client that scrapes on one connection for as long as it may, and on the next one then, as Prometheus does. @module */
import { connectTo } from "../http/raw_http.ts";

const REQUEST = new TextEncoder().encode("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

/** An answer whose head says how long it is. */
const ANSWER = /^HTTP\/1\.1 (\d{3}) [^]*?\r\ncontent-length: (\d+)\r\n[^]*?\r\n\r\n/i;

/** Prometheus does not wait longer unless it is told. */
const TIMEOUT_MS = 10_000;

/** Between two tries. */
const REST_MS = 100;

/** Scrapes; disposing it closes the connection. */
export class Scraper implements Disposable {
  readonly #address: string;
  #conn: Deno.TcpConn | undefined;

  /** @param address where the agent listens, as a URL */
  constructor(address: string) {
    this.#address = address;
  }

  #close(): void {
    this.#conn?.close();
    this.#conn = undefined;
  }

  /** Asks once; undefined if the answer is another one, or none. */
  async #ask(): Promise<string | undefined> {
    this.#conn ??= await connectTo(this.#address);
    await this.#conn.write(REQUEST);
    const chunk = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    for (let text = "";;) {
      const [head, status, length] = ANSWER.exec(text) ?? [];
      if (head !== undefined && text.length >= head.length + Number(length)) {
        return status === "200" ? text.slice(head.length) : undefined;
      }
      const count = await this.#conn.read(chunk);
      if (count === null) return undefined;
      text += decoder.decode(chunk.subarray(0, count), { stream: true });
    }
  }

  /**
   * The text of all metrics.
   *
   * @throws {Error} if there is none for longer than Prometheus waits
   */
  async scrape(): Promise<string> {
    const end = performance.now() + TIMEOUT_MS;
    const timer = setTimeout(() => this.#close(), TIMEOUT_MS);
    try {
      for (;;) {
        const text = await this.#ask().catch(() => undefined);
        if (text !== undefined) return text;
        this.#close();
        if (performance.now() >= end) throw new Error(`Cannot scrape: no answer in ${TIMEOUT_MS} ms`);
        await new Promise((resolve) => setTimeout(resolve, REST_MS));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    this.#close();
  }
}
