import assert from "node:assert/strict";
import { crc32 } from "./crc32.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("crc32() gives the check values of the CRC catalogue and of RFC 3309's kind of texts", () => {
  assert.equal(crc32(encode("123456789")), 0xcbf43926);
  assert.equal(crc32(encode("")), 0);
  assert.equal(crc32(encode("The quick brown fox jumps over the lazy dog")), 0x414fa339);
  assert.equal(crc32(new Uint8Array(32)), 0x190a55ad);
});

Deno.test("crc32() goes on from what came before", () => {
  const bytes = encode("123456789");
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.equal(crc32(bytes, cut, bytes.length, crc32(bytes, 0, cut)), 0xcbf43926);
  }
});
