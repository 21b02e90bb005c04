import assert from "node:assert/strict";
import { processId } from "../../syscall/mod.ts";
import { textAnswer } from "./answer.ts";
import type { HttpLimits } from "./limits.ts";
import { HttpServer } from "./server.ts";

// Otherwise the first test that calls libc would be the one that leaks it.
processId();

const LONG_MS = 60_000;

const LIMITS: HttpLimits = {
  connections: 3,
  headBytes: 256,
  answerBytes: 64 << 20,
  idleMs: LONG_MS,
  headMs: LONG_MS,
  stallMs: LONG_MS,
  graceMs: LONG_MS,
  slowestRate: 1,
  lingerMs: LONG_MS,
};

/** More than the kernel takes from a server whose client does not read. */
const LARGE = new Uint8Array(16 << 20);

/** What a client reads that is slow: it has to be more than the kernel sends at a time. */
const SIP = 256 << 10;

/** A server that answers with the target, and fails for /fail. */
class Stand implements AsyncDisposable {
  readonly server: HttpServer;
  readonly errors: unknown[] = [];
  /** Fulfilled when an answer in pieces has been given up. */
  readonly cancelled = Promise.withResolvers<void>();

  constructor({ pieces = 0, ...limits }: Partial<HttpLimits & { readonly pieces: number }> = {}) {
    this.server = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
      respond: ({ path }) => {
        if (path === "/fail") throw new Error("broken");
        if (path === "/pieces") return { status: 200, fields: {}, body: this.#inPieces(pieces) };
        if (path === "/large") return { status: 200, fields: {}, body: LARGE };
        if (path === "/other") return { status: 200, fields: {}, body: new Uint8Array(LARGE.length) };
        return textAnswer(`${path}\n`);
      },
      onError: (error) => this.errors.push(error),
      onDeaf: (error) => this.errors.push(error),
    }, { ...LIMITS, ...limits });
  }

  /** A body whose pieces are made when they are wanted. */
  #inPieces(most: number): AsyncIterableIterator<Uint8Array> {
    let count = 0;
    return {
      next: () => {
        if (count === most) return Promise.resolve({ done: true, value: undefined });
        return Promise.resolve({ done: false, value: new TextEncoder().encode(`piece ${++count}\n`) });
      },
      return: () => {
        this.cancelled.resolve();
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
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
  const tooLong = `GET / HTTP/1.1\r\nX: ${"x".repeat(256)}`;
  for (const [text, status] of [["nonsense\r\n\r\n", 400], ["x".repeat(256), 414], [tooLong, 431]] as const) {
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

Deno.test("HttpServer closes a connection that is silent for long", async () => {
  await using stand = new Stand({ idleMs: 1 });
  using conn = await stand.connect();
  assert.equal(await receive(conn), "");
});

Deno.test("HttpServer waits long for a request, and not for the rest of one", async () => {
  await using stand = new Stand({ headMs: 1 });
  using idle = await stand.connect();
  using slow = await stand.connect();
  await send(slow, "GET / HT");
  assert.match(await receive(slow), /^HTTP\/1\.1 408 Request Timeout\r\n[^]*connection: close\r\n/);
  await send(slow, "TP/1.1\r\nHost: x\r\n\r\n");
  await send(idle, "GET /idle HTTP/1.1\r\nHost: x\r\n\r\n");
  await receive(idle, "/idle\n");
  await send(idle, "GET /again HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await receive(idle, "/again\n"), /200 OK/);
});

Deno.test("HttpServer answers at once what can never be a request", async () => {
  await using stand = new Stand();
  using conn = await stand.connect();
  await send(conn, "\x16\x03\x01\x02\0\x01");
  assert.match(await receive(conn), /^HTTP\/1\.1 400 Bad Request\r\n[^]*connection: close\r\n/);
});

Deno.test("HttpServer takes a byte from 0x80 on in a header for a character, and a control for none", async () => {
  await using stand = new Stand();
  for (const [byte, status] of [[0x80, 200], [0x9f, 200], [0xff, 200], [0, 400], [0x7f, 400]] as const) {
    using conn = await stand.connect();
    await send(conn, "GET / HTTP/1.0\r\nX: ");
    await conn.write(new Uint8Array([byte]));
    await send(conn, "\r\n\r\n");
    assert.match(await receive(conn), new RegExp(`^HTTP/1\\.1 ${status} `), `${byte}`);
  }
  assert.deepEqual(stand.errors, []);
});

Deno.test("HttpServer has no answer thrown away by what a client still sends", async () => {
  await using stand = new Stand();
  for (let round = 0; round < 20; round++) {
    using conn = await stand.connect();
    await send(conn, `GET /${"x".repeat(512 << 10)}`);
    assert.match(await receive(conn), /^HTTP\/1\.1 414 URI Too Long\r\n/);
  }
});

Deno.test("HttpServer closes a connection that takes nothing of its answer, and gives the room back", async () => {
  await using stand = new Stand({ stallMs: 100, answerBytes: LARGE.length, lingerMs: 100 });
  using deaf = await stand.connect();
  await send(deaf, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  await deaf.read(new Uint8Array(1));
  using other = await stand.connect();
  await send(other, "GET /other HTTP/1.1\r\nHost: x\r\n\r\n");
  assert.match(await receive(other, "Unavailable\n"), /^HTTP\/1\.1 503 [^]*retry-after: \d/);
  let status;
  do {
    using next = await stand.connect();
    await send(next, "GET /other HTTP/1.0\r\n\r\n");
    status = (await receive(next)).slice(9, 12);
  } while (status === "503");
  assert.equal(status, "200");
});

Deno.test("HttpServer lets a client be slow that goes on reading", async () => {
  const stallMs = 500;
  await using stand = new Stand({ stallMs });
  using conn = await stand.connect();
  const start = performance.now();
  await send(conn, "GET /large HTTP/1.0\r\n\r\n");
  let count = 0;
  for (const chunk = new Uint8Array(SIP);;) {
    const bytes = await conn.read(chunk);
    if (bytes === null) break;
    count += bytes;
    if (performance.now() - start < 3 * stallMs) {
      await new Promise((resolve) => setTimeout(resolve, stallMs / 10));
    }
  }
  assert.ok(count > LARGE.length, `${count} bytes`);
  assert.ok(performance.now() - start > 3 * stallMs, "it was not slow");
});

Deno.test("HttpServer closes a connection that takes its answer in a trickle", async () => {
  await using stand = new Stand({ graceMs: 200, slowestRate: 1 << 30 });
  using conn = await stand.connect();
  await send(conn, "GET /large HTTP/1.0\r\n\r\n");
  let count = 0;
  for (const chunk = new Uint8Array(SIP / 4);;) {
    const bytes = await conn.read(chunk).catch(() => null);
    if (bytes === null) break;
    count += bytes;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.ok(count > 1000 && count < LARGE.length, `${count} bytes`);
});

Deno.test("HttpServer shares one body among all that ask for it", async () => {
  await using stand = new Stand({ answerBytes: LARGE.length });
  const readers = await Promise.all([1, 2, 3].map(async () => {
    const conn = await stand.connect();
    await send(conn, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    return conn;
  }));
  for (const conn of readers) {
    const start = new Uint8Array(12);
    await conn.read(start);
    assert.equal(new TextDecoder().decode(start), "HTTP/1.1 200");
    conn.close();
  }
});

Deno.test("HttpServer tells browsers to leave its answers alone", async () => {
  await using stand = new Stand();
  for (const path of ["/", "/fail", "nonsense"]) {
    using conn = await stand.connect();
    await send(conn, `GET ${path} HTTP/1.0\r\nOrigin: http://evil.example\r\n\r\n`);
    const text = await receive(conn);
    assert.match(text, /\r\nx-content-type-options: nosniff\r\n/);
    assert.match(text, /\r\ncross-origin-resource-policy: same-origin\r\n/);
    assert.doesNotMatch(text, /access-control-/i);
  }
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
