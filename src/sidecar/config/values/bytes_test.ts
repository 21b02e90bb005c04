import assert from "node:assert/strict";
import { formatBytes, parseBytes } from "./bytes.ts";

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
      assert.match(
        error.message,
        /^expected a size like 64MiB.* \(units: B, KB, MB, GB, KiB, MiB, GiB\), got /,
      );
      assert(error.message.endsWith(`got "${text}"`));
      return true;
    }, text);
  }
  assert.throws(() => parseBytes("1toString"), RangeError);
});

Deno.test("formatBytes() writes sizes as people do, and parseBytes() reads them back", () => {
  for (const text of ["1", "1023", "1KiB", "1536KiB", "32MiB", "64MB", "1GiB", "3GB", "0"]) {
    const bytes = text === "0" ? 0 : parseBytes(text);
    assert.equal(formatBytes(bytes), text);
  }
});
