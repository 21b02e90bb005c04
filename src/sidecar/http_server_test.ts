import assert from "node:assert/strict";
import { type HttpLimits, HttpServer } from "./http_server.ts";

const LIMITS: HttpLimits = { connections: 3, headBytes: 256, patienceMs: 60_000 };

/** A server that answers with the target, and fails for /fail. */
class Stand implements AsyncDisposable {
  readonly server: HttpServer;
  readonly errors: unknown[] = [];

  constructor(limits: Partial<HttpLimits> = {}) {
    this.server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
      respond: ({ target }) => {
        if (target === "/fail") throw new Error("broken");
        return new Response(`${target}\n`);
      },
      onError: (error) => this.errors.push(error),
    }, { ...LIMITS, ...limits });
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
