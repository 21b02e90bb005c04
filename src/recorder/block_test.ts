import assert from "node:assert/strict";
import { Block, blockBytes, ROWS } from "./block.ts";

Deno.test("Block tells absent from zero", () => {
  const block = new Block(2);
  block.appendRow(1n);
  block.set(1, 0n);
  assert.equal(block.get(0, 0), undefined);
  assert.equal(block.get(1, 0), 0n);
  assert.deepEqual([block.has(0), block.has(1)], [false, true]);
});

Deno.test("Block keeps all 64 bits in every row", () => {
  const block = new Block(1);
  for (let row = 0; row < ROWS; row++) {
    block.appendRow(BigInt(row));
    block.set(0, 2n ** 64n - 1n - BigInt(row));
  }
  for (let row = 0; row < ROWS; row++) {
    assert.equal(block.timeMs(row), row);
    assert.equal(block.get(0, row), 2n ** 64n - 1n - BigInt(row));
  }
});

Deno.test("Block keeps a time before the epoch", () => {
  const block = new Block(0);
  block.appendRow(-1n);
  assert.equal(block.timeMs(0), -1);
});

Deno.test("Block.widen() keeps what is there and adds absent series", () => {
  const block = new Block(1);
  block.appendRow(7n);
  block.set(0, 5n);
  block.widen(3);
  assert.deepEqual([block.timeMs(0), block.get(0, 0), block.get(2, 0)], [7, 5n, undefined]);
  block.set(2, 9n);
  assert.equal(block.get(2, 0), 9n);
});

Deno.test("Block knows nothing of a series that it has no column for", () => {
  const block = new Block(1);
  block.appendRow(7n);
  assert.equal(block.get(1, 0), undefined);
  assert.equal(block.has(1), false);
});

Deno.test("blockBytes() is the size of a block's buffer", () => {
  const block = new Block(10);
  assert.equal(block.byteLength, blockBytes(10));
  block.widen(11);
  assert.equal(block.byteLength, blockBytes(11));
});

Deno.test("Block.release() gives the buffer back", () => {
  const block = new Block(10);
  block.release();
  assert.equal(block.byteLength, 0);
});
