import assert from "node:assert/strict";
import { parseBytes } from "./bytes.ts";

Deno.test("parseBytes() reads binary units, decimal units and plain bytes", () => {
  const cases: [string, number][] = [
    ["512KiB", 512 * 1024],
    ["64MiB", 64 * 1024 * 1024],
    ["1GiB", 1024 * 1024 * 1024],
    ["64MB", 64 * 1000 * 1000],
    ["1B", 1],
    ["1048576", 1024 * 1024],
  ];
  for (const [text, bytes] of cases) assert.equal(parseBytes(text), bytes, text);
});

Deno.test("parseBytes() says what it expects of anything else", () => {
  const texts = [
    "",
    "0",
    "0MiB",
    "-1",
    "1.5MiB",
    "64 MiB",
    "64mib",
    "64M",
    "banana",
    "99999999999999999",
    "toString",
  ];
  for (const text of texts) {
    assert.throws(() => parseBytes(text), (error) => {
      assert(error instanceof RangeError);
      assert.match(error.message, /^expected a size like 64MiB/);
      assert(error.message.endsWith(`got "${text}"`));
      return true;
    }, text);
  }
  assert.throws(() => parseBytes("1toString"), RangeError);
});
