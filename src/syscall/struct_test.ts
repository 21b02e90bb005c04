import assert from "node:assert/strict";
import { addressOf } from "./memory.ts";
import { processId } from "./processes/process.ts";
import { encode, type Layout, readField } from "./struct.ts";

// libc stays open once it is: opened here, it is no leak of the test that comes first.
processId();

const LAYOUT = {
  byte: [0, 1],
  half: [2, 2],
  word: [4, 4],
  pointer: [8, 8],
  text: [16, 16],
  last: [32, 8],
} as const satisfies Layout;

Deno.test("encode() puts each field at its place, leaves the rest zero, and ends with the last field", () => {
  const bytes = encode(LAYOUT, { byte: 1, half: 0x0203, word: 0x04050607, last: 0x0a0b_0c0d_0e0f_1011n });
  assert.equal(bytes.length, 40);
  assert.deepEqual([...bytes.subarray(0, 8)], [1, 0, 3, 2, 7, 6, 5, 4]);
  assert.deepEqual([...bytes.subarray(8, 32)], Array(24).fill(0));
  assert.deepEqual([...bytes.subarray(32)], [0x11, 0x10, 0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a]);
});

Deno.test("encode() stores negative numbers and unsigned numbers with the highest bit", () => {
  const bytes = encode(LAYOUT, { byte: -1, half: 0xffff, word: 0xffffffff, last: 2n ** 64n - 1n });
  assert.equal(readField(bytes, LAYOUT.byte), 0xffn);
  assert.equal(readField(bytes, LAYOUT.half), 0xffffn);
  assert.equal(readField(bytes, LAYOUT.word), 0xffffffffn);
  assert.equal(readField(bytes, LAYOUT.last), 2n ** 64n - 1n);
});

Deno.test("encode() stores a buffer as its address", () => {
  const buffer = new Uint8Array(new ArrayBuffer(100));
  const bytes = encode(LAYOUT, { pointer: buffer });
  assert.equal(readField(bytes, LAYOUT.pointer), addressOf(buffer));
  assert.equal(addressOf(buffer.subarray(10)) - addressOf(buffer), 10n);
});

Deno.test("encode() stores a text with its NUL, and rejects one that leaves no room for it", () => {
  const text = encode(LAYOUT, { text: "fifteen letters" }).subarray(16, 32);
  assert.equal(new TextDecoder().decode(text), "fifteen letters\0");
  assert.throws(() => encode(LAYOUT, { text: "sixteen letters!" }), {
    name: "RangeError",
    message: 'Cannot store "sixteen letters!" in text: 16 bytes with NUL',
  });
});

Deno.test("encode() leaves out what is undefined", () => {
  assert.deepEqual(encode(LAYOUT, { word: undefined }), encode(LAYOUT, {}));
});
