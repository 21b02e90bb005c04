/** A client that scrapes on one connection, as Prometheus does. @module */
import { connectTo } from "../support/raw_http.ts";

const REQUEST = new TextEncoder().encode("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");

/** An answer whose head says how long it is. */
const ANSWER = /^HTTP\/1\.1 (\d{3}) [^]*?\r\ncontent-length: (\d+)\r\n[^]*?\r\n\r\n/i;

/** Scrapes; disposing it closes the connection. */
export class Scraper implements Disposable {
  readonly #conn: Deno.TcpConn;

  static async connect(address: string): Promise<Scraper> {
    return new Scraper(await connectTo(address));
  }

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /**
   * The text of all metrics.
   *
   * @throws {Error} if the server closes the connection or answers with another status
   */
  async scrape(): Promise<string> {
    await this.#conn.write(REQUEST);
    const chunk = new Uint8Array(65_536);
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const [head, status, length] = ANSWER.exec(text) ?? [];
      if (head !== undefined && text.length >= head.length + Number(length)) {
        if (status !== "200") throw new Error(`Cannot scrape: ${text}`);
        return text.slice(head.length);
      }
      const count = await this.#conn.read(chunk);
      if (count === null) {
        throw new Error(`Cannot scrape: the connection was closed after ${JSON.stringify(text)}`);
      }
      text += decoder.decode(chunk.subarray(0, count), { stream: true });
    }
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
