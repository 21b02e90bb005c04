import assert from "node:assert/strict";
import { parseHead } from "./http_head.ts";

function headOf(...lines: string[]) {
  return parseHead(lines.join("\r\n"));
}

Deno.test("parseHead() reads method, target and headers, whatever the case of their names", () => {
  const head = headOf("GET /metrics?a=b HTTP/1.1", "HOST: localhost", "Accept:  text/plain ", "accept: x/y");
  assert.deepEqual([head?.method, head?.target], ["GET", "/metrics?a=b"]);
  assert.equal(head?.headers["accept"], "text/plain, x/y");
});

Deno.test("parseHead() keeps a connection unless somebody does not want that, or a body may follow", () => {
  const cases: [string[], boolean][] = [
    [["GET / HTTP/1.1", "Host: x"], true],
    [["GET / HTTP/1.1", "Host: x", "Connection: Close"], false],
    [["GET / HTTP/1.0"], false],
    [["POST / HTTP/1.1", "Host: x", "Content-Length: 3"], false],
    [["POST / HTTP/1.1", "Host: x", "Transfer-Encoding: chunked"], false],
  ];
  for (const [lines, keepsAlive] of cases) assert.equal(headOf(...lines)?.keepsAlive, keepsAlive);
});

Deno.test("parseHead() tells who takes an answer in chunks", () => {
  assert.equal(headOf("GET / HTTP/1.1", "Host: x")?.takesChunks, true);
  assert.equal(headOf("GET / HTTP/1.0")?.takesChunks, false);
});

Deno.test("parseHead() refuses what is no head", () => {
  for (
    const lines of [
      [""],
      ["GET /"],
      ["GET / HTTP/2.0", "Host: x"],
      ["GET http://x/ HTTP/1.1", "Host: x"],
      ["GET /a b HTTP/1.1", "Host: x"],
      ["GET / HTTP/1.1"],
      ["GET / HTTP/1.1", "Host: x", " folded"],
      ["GET / HTTP/1.1", "Host : x"],
      ["GET / HTTP/1.1", "Host: x", "no header"],
    ]
  ) assert.equal(headOf(...lines), undefined, lines.join());
});

Deno.test("parseHead() takes a header for a header, whatever it is called", () => {
  assert.equal(headOf("GET / HTTP/1.0", "__proto__: 1")?.headers["host"], undefined);
  assert.equal(headOf("GET / HTTP/1.1", "toString: 1"), undefined);
});
