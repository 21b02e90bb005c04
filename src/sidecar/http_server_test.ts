import assert from "node:assert/strict";
import { type HttpLimits, HttpServer } from "./http_server.ts";

const LIMITS: HttpLimits = { connections: 3, headBytes: 256, patienceMs: 60_000 };

/** A server that answers with the target, and fails for /fail. */
class Stand implements AsyncDisposable {
  readonly server: HttpServer;
  readonly errors: unknown[] = [];
  /** Fulfilled when an answer in pieces has been given up. */
  readonly cancelled = Promise.withResolvers<void>();

  constructor({ pieces = 0, ...limits }: Partial<HttpLimits & { readonly pieces: number }> = {}) {
    this.server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
      respond: ({ target }) => {
        if (target === "/fail") throw new Error("broken");
        if (target === "/pieces") return this.#inPieces(pieces);
        return new Response(`${target}\n`);
      },
      onError: (error) => this.errors.push(error),
    }, { ...LIMITS, ...limits });
  }

  /** An answer whose pieces are made when they are wanted. */
  #inPieces(most: number): Response {
    let count = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(new TextEncoder().encode(`piece ${++count}\n`));
        if (count === most) controller.close();
      },
      cancel: () => this.cancelled.resolve(),
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "transfer-encoding": "chunked" } });
  }

  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.server.address.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

async function send(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

/** What comes until it ends with a text, or until the other side closes. */
async function receive(conn: Deno.Conn, end?: string): Promise<string> {
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(4096);
  let text = "";
  while (end === undefined || !text.endsWith(end)) {
    const count = await conn.read(chunk).catch(() => null);
    if (count === null) break;
    text += decoder.decode(chunk.subarray(0, count));
  }
  return text;
}

Deno.test("HttpServer answers one question after the other on a connection, also if they come together", async () => {
  await using stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
  const text = await receive(conn, "/b\n");
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*content-length: 3\r\n[^]*\r\n\r\n\/a\nHTTP\/1\.1 200 OK\r\n/);
});

Deno.test("HttpServer closes the connection where the client asks for it", async () => {
  await using stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  assert.match(await receive(conn), /connection: close\r\n\r\n\/a\n$/);
});

Deno.test("HttpServer sends no body for HEAD, but says how long it would be", async () => {
  await using stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "HEAD /abc HTTP/1.0\r\n\r\n");
  assert.match(await receive(conn), /content-length: 5\r\n[^]*\r\n\r\n$/);
});

Deno.test("HttpServer sends an answer in pieces as chunks, and to an older client until it closes", async () => {
  await using stand = new Stand({ pieces: 2 });
  using conn = await stand.connect();
  await send(conn, "GET /pieces HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const chunked = await receive(conn, "/next\n");
  assert.match(
    chunked,
    /\r\ntransfer-encoding: chunked\r\n[^]*\r\n\r\n8\r\npiece 1\n\r\n8\r\npiece 2\n\r\n0\r\n\r\nHTTP\/1\.1 200 OK/,
  );
  assert.doesNotMatch(chunked.slice(0, chunked.indexOf("piece 1")), /content-length/);

  using older = await stand.connect();
  await send(older, "GET /pieces HTTP/1.0\r\n\r\n");
  const plain = await receive(older);
  assert.match(plain, /\r\n\r\npiece 1\npiece 2\n$/);
  assert.doesNotMatch(plain, /transfer-encoding|content-length/);
});

Deno.test("HttpServer makes no more of an answer than is asked for", async () => {
  for (const method of ["HEAD", "GET"]) {
    await using stand = new Stand({ pieces: Infinity });
    const conn = await stand.connect();
    await send(conn, `${method} /pieces HTTP/1.1\r\nHost: x\r\n\r\n`);
    await conn.read(new Uint8Array(8));
    conn.close();
    await stand.cancelled.promise;
  }
});

Deno.test("HttpServer refuses what is no request, and a head that is too long", async () => {
  await using stand = new Stand();
  for (const [text, status] of [["nonsense\r\n\r\n", 400], ["x".repeat(256), 431]] as const) {
    using conn = await stand.connect();
    await send(conn, text);
    assert.match(await receive(conn), new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

Deno.test("HttpServer takes nothing behind a head with a body for a request", async () => {
  await using stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "GET /a HTTP/1.1\r\nHost: x\r\nContent-Length: 22\r\n\r\nGET /smuggled HTTP/1.0");
  assert.doesNotMatch(await receive(conn), /smuggled/);
});

Deno.test("HttpServer closes the connection that was silent for longest when there are too many", async () => {
  await using stand = new Stand();
  using first = await stand.connect();
  await send(first, "GET / HT");
  using second = await stand.connect();
  await send(second, "GET /second HTTP/1.1\r\nHost: x\r\n\r\n");
  await receive(second, "/second\n");
  using third = await stand.connect();
  using fourth = await stand.connect();
  assert.equal(await receive(first), "");
  for (const conn of [second, third, fourth]) {
    await send(conn, "GET /still HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match(await receive(conn, "/still\n"), /200 OK/);
  }
});

Deno.test("HttpServer closes a connection whose request does not come in time", async () => {
  await using stand = new Stand({ patienceMs: 1 });
  using conn = await stand.connect();
  assert.equal(await receive(conn), "");
});

Deno.test("HttpServer answers 500 where the answer cannot be made, and says why", async () => {
  await using stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "GET /fail HTTP/1.0\r\n\r\n");
  assert.match(await receive(conn), /^HTTP\/1\.1 500 Internal Server Error\r\n/);
  assert.deepEqual(stand.errors.map(String), ["Error: broken"]);
});

Deno.test("close() ends every connection", async () => {
  const stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "GET / HT");
  await stand.server.close();
  assert.equal(await receive(conn), "");
});
