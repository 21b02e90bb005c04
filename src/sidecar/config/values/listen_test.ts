import assert from "node:assert/strict";
import { formatListen, parseListen } from "./listen.ts";

Deno.test("parseListen() reads names, IPv4 and IPv6 addresses", () => {
  assert.deepEqual(parseListen("127.0.0.1:9090"), { hostname: "127.0.0.1", port: 9090 });
  assert.deepEqual(parseListen("localhost:0"), { hostname: "localhost", port: 0 });
  assert.deepEqual(parseListen("[::1]:65535"), { hostname: "::1", port: 65535 });
});

Deno.test("parseListen() says what it expects of anything else", () => {
  for (
    const text of [
      "",
      "9090",
      ":9090",
      "localhost",
      "localhost:",
      "::1:9090",
      "a:65536",
      "a:-1",
      "a b:1",
      "a\0b:1",
      "a\x1bb:1",
    ]
  ) {
    assert.throws(
      () => parseListen(text),
      /^RangeError: expected a host and a port like 127\.0\.0\.1:9090/,
      text,
    );
  }
});

Deno.test("formatListen() puts IPv6 in brackets, and gives what parseListen() reads", () => {
  for (const text of ["127.0.0.1:9090", "localhost:1", "[::]:9090", "[fe80::1]:0"]) {
    assert.equal(formatListen(parseListen(text)), text);
  }
});
