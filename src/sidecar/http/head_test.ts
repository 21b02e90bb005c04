import assert from "node:assert/strict";
import { parseHead, readHead, type RequestHead } from "./head.ts";

const text = (...lines: string[]) => [...lines, "", ""].join("\r\n");

function headOf(...lines: string[]): RequestHead {
  const head = parseHead(text(...lines));
  assert(typeof head === "object", `${lines.join()}: ${head}`);
  return head;
}

Deno.test("parseHead() reads method, target and headers, whatever the case of their names", () => {
  const head = headOf(
    "GET /metrics?a=b?c HTTP/1.1",
    "HOST: LocalHost:80",
    "Accept:  text/plain ",
    "accept: x/y",
  );
  assert.deepEqual([head.method, head.path, head.query, head.host], [
    "GET",
    "/metrics",
    "a=b?c",
    "localhost",
  ]);
  assert.equal(head.headers["accept"], "text/plain, x/y");
});

Deno.test("parseHead() keeps a connection unless the client does not want that, or a body may follow", () => {
  const cases: [string[], boolean][] = [
    [["GET / HTTP/1.1", "Host: x"], true],
    [["GET / HTTP/1.7", "Host: x"], true],
    [["GET / HTTP/1.1", "Host: x", "Connection: Close"], false],
    [["GET / HTTP/1.1", "Host: x", "Connection: keep-alive , close"], false],
    [["GET / HTTP/1.1", "Host: x", "Connection: disclosed"], true],
    [["GET / HTTP/1.0"], false],
    [["POST / HTTP/1.1", "Host: x", "Content-Length: 3"], false],
    [["POST / HTTP/1.1", "Host: x", "Content-Length: 3", "Content-Length: 3"], false],
    [["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: Chunked"], false],
  ];
  for (const [lines, keepsAlive] of cases) {
    assert.equal(headOf(...lines).keepsAlive, keepsAlive, lines.join());
  }
});

Deno.test("parseHead() tells who takes an answer in chunks", () => {
  assert.equal(headOf("GET / HTTP/1.1", "Host: x").takesChunks, true);
  assert.equal(headOf("GET / HTTP/1.0").takesChunks, false);
});

Deno.test("parseHead() takes the host of an absolute target in the place of the header's", () => {
  const head = headOf("GET http://127.0.0.1:9090/recorder?last=5m HTTP/1.1", "Host: evil.example");
  assert.deepEqual([head.path, head.query, head.host], ["/recorder", "last=5m", "127.0.0.1"]);
  assert.equal(headOf("GET HTTP://Evil.Example HTTP/1.1", "Host: localhost").host, "evil.example");
  assert.equal(headOf("GET http://x?last=5m HTTP/1.0").path, "/");
});

Deno.test("parseHead() knows a question about the server as a whole, and leaves the host out where HTTP/1.0 does", () => {
  assert.equal(headOf("OPTIONS * HTTP/1.1", "Host: x").path, "*");
  assert.equal(headOf("GET / HTTP/1.0").host, undefined);
  assert.equal(headOf("GET / HTTP/1.1", "Host:").host, "");
});

Deno.test("parseHead() refuses what is no head with the status that RFC 9110 and 9112 name", () => {
  const get = "GET / HTTP/1.1";
  const cases: readonly (readonly [status: number, ...lines: string[]])[] = [
    [400, ""],
    [400, "GET /"],
    [400, "GET  / HTTP/1.1", "Host: x"],
    [400, "GET /a b HTTP/1.1", "Host: x"],
    [400, "GET /\x80 HTTP/1.1", "Host: x"],
    [400, "GET ftp://x/ HTTP/1.1", "Host: x"],
    [400, "GET http:/// HTTP/1.1", "Host: x"],
    [400, "GET http://user@x/ HTTP/1.1", "Host: x"],
    [400, "GET * HTTP/1.1", "Host: x"],
    [400, "GET metrics HTTP/1.1", "Host: x"],
    [400, get],
    [400, get, "Host: x", " folded"],
    [400, get, " Host: x"],
    [400, get, "Host : x"],
    [400, get, "Host: x", "no header"],
    [400, get, "Host: x", ": no name"],
    [400, get, "Host: x", "X\xe9: y"],
    [400, get, "Host: x", "X: a\0b"],
    [400, get, "Host: x", "X: a\x7fb"],
    [400, get, "Host: x", "X: a\rb"],
    [400, get, "Host: x", "Host: x"],
    [400, get, "Host: x, y"],
    [400, get, "Host: x:port"],
    [400, get, "Host: x:65536"],
    [400, get, "Host: [::1"],
    [400, get, "Host: [::1::]"],
    [400, "GET http://x/ HTTP/1.1", "Host: a b"],
    ...["-1", "+1", "0x5", "1e1", "1.0", "1 1", "", "1, 2", "1,", "\xb2"].map((length) =>
      [400, get, "Host: x", `Content-Length: ${length}`] as const
    ),
    [400, get, "Host: x", "Content-Length: 1", "Content-Length: 2"],
    [400, get, "Host: x", "Content-Length: 1", "Transfer-Encoding: chunked"],
    [400, get, "Host: x", "Transfer-Encoding: identity"],
    [400, get, "Host: x", "Transfer-Encoding: chunked, gzip"],
    [400, get, "Host: x", "Transfer-Encoding: \vchunked"],
    [400, get, "Host: x", "Transfer-Encoding:"],
    [501, get, "Host: x", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked"],
    [501, get, "Host: x", "Transfer-Encoding: chunked, chunked"],
    [421, "GET https://x/ HTTP/1.1", "Host: x"],
    [501, "PROPFIND / HTTP/1.1", "Host: x"],
    [501, "get / HTTP/1.1", "Host: x"],
    [501, "CONNECT x:1 HTTP/1.1", "Host: x"],
    [505, "GET / HTTP/2.0", "Host: x"],
    [505, "PRI * HTTP/2.0"],
  ];
  for (const [status, ...lines] of cases) {
    assert.equal(parseHead(text(...lines)), status, JSON.stringify(lines));
  }
});

Deno.test("parseHead() takes every byte from 0x80 on for a part of a value", () => {
  const bytes = Array.from({ length: 128 }, (_, index) => String.fromCharCode(0x80 + index)).join("");
  assert.equal(headOf("GET / HTTP/1.1", "Host: x", `X: ${bytes}\t!`).headers["x"], `${bytes}\t!`);
});

Deno.test("parseHead() takes a header for a header, whatever it is called", () => {
  assert.equal(headOf("GET / HTTP/1.0", "__proto__: 1").headers["host"], undefined);
  assert.equal(parseHead(text("GET / HTTP/1.1", "toString: 1")), 400);
});

Deno.test("readHead() takes one head after the other from what has come, and waits for the rest", () => {
  const both = text("GET /a HTTP/1.1", "Host: x") + text("GET /b HTTP/1.1", "Host: x");
  const first = readHead(both, 100);
  assert(first !== undefined && "head" in first);
  const second = readHead(`\r\n${first.rest}`, 100);
  assert(second !== undefined && "head" in second);
  assert.deepEqual([first.head.path, second.head.path, second.rest], ["/a", "/b", ""]);
  for (let length = 0; length < first.rest.length; length++) {
    assert.equal(readHead(first.rest.slice(0, length), 100), undefined, first.rest.slice(0, length));
  }
});

Deno.test("readHead() understands lines that end with LF alone, and takes no second request behind them", () => {
  const head = "GET /a HTTP/1.1\nHost: x\n\n";
  const reading = readHead(`${head}GET /b HTTP/1.1\nHost: x\n\n`, 100);
  assert(reading !== undefined && "head" in reading);
  assert.deepEqual([reading.head.path, reading.head.keepsAlive], ["/a", false]);
  for (const mixed of ["GET / HTTP/1.1\r\nHost: x\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\n\n"]) {
    const reading = readHead(mixed, 100);
    assert(reading !== undefined && "head" in reading && !reading.head.keepsAlive, mixed);
  }
});

Deno.test("readHead() does not wait for the end of what can be no head", () => {
  const cases: readonly (readonly [received: string, status: number])[] = [
    ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
    ["\x80\x2e\x01\x00\x02", 400],
    ["\x00", 400],
    ["\r\n".repeat(9), 400],
    ["GET / HTTP/1.1\rHost", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\nX: a\rb", 400],
    ["GET / HTTP/1.1\r\nHost: x\r\r", 400],
    ["\rG", 400],
    ["hello\n", 400],
    ["PRI * HTTP/2.0\r\n", 505],
    ["GET / HTTP/1.1\r\nHost: x\r\nX: \0", 400],
    [`GET /${"x".repeat(100)}`, 414],
    [`GET / HTTP/1.1\r\nX: ${"x".repeat(100)}`, 431],
    [`GET / HTTP/1.1\r\nX: ${"x".repeat(100)}\r\n\r\n`, 431],
  ];
  for (const [received, status] of cases) {
    assert.deepEqual(readHead(received, 100), { refusal: status }, JSON.stringify(received));
  }
});

Deno.test("readHead() takes time in proportion to a head, with any content", () => {
  const start = performance.now();
  const spaces = " ".repeat(60_000);
  for (const value of [`${spaces}x`, `x${spaces}x`, `"${'\\"'.repeat(30_000)}`]) {
    assert(readHead(text("GET / HTTP/1.1", "Host: x", `Accept: ${value}`), 100_000) !== undefined);
  }
  // A pattern that tries every start of the spaces takes seconds.
  assert.ok(performance.now() - start < 1000);
});

Deno.test("readHead() passes over some empty lines before a request", () => {
  for (const lines of ["\r\n", "\n", "\r\n\r\n", "\n\r\n\n", "\r\n".repeat(8)]) {
    assert.equal(readHead(lines, 100), undefined, JSON.stringify(lines));
    const reading = readHead(lines + text("GET /a HTTP/1.1", "Host: x"), 100);
    assert(reading !== undefined && "head" in reading, JSON.stringify(lines));
    assert.equal(reading.head.path, "/a");
  }
});
