import assert from "node:assert/strict";
import type { Moment } from "../metrics/mod.ts";
import { Block, blockBytes, ROWS } from "./block.ts";

/** A moment, on a machine that is as old as its calendar. */
function at(ms: number): Moment {
  return { timeMs: ms, monotonicMs: ms };
}

Deno.test("Block tells absent from zero", () => {
  const block = new Block(2);
  block.appendRow(at(1));
  block.set(1, 0n);
  assert.equal(block.get(0, 0), undefined);
  assert.equal(block.get(1, 0), 0n);
  assert.deepEqual([block.has(0), block.has(1)], [false, true]);
});

Deno.test("Block keeps all 64 bits in every row", () => {
  const block = new Block(1);
  for (let row = 0; row < ROWS; row++) {
    block.appendRow(at(row));
    block.set(0, 2n ** 64n - 1n - BigInt(row));
  }
  for (let row = 0; row < ROWS; row++) {
    assert.equal(block.time("timeMs", row), row);
    assert.equal(block.get(0, row), 2n ** 64n - 1n - BigInt(row));
  }
});

Deno.test("Block keeps a time before the epoch", () => {
  const block = new Block(0);
  block.appendRow(at(-1));
  assert.equal(block.time("timeMs", 0), -1);
});

Deno.test("Block.widen() keeps what is there and adds absent series", () => {
  const block = new Block(1);
  block.appendRow(at(7));
  block.set(0, 5n);
  block.widen(3);
  assert.deepEqual([block.time("timeMs", 0), block.get(0, 0), block.get(2, 0)], [7, 5n, undefined]);
  block.set(2, 9n);
  assert.equal(block.get(2, 0), 9n);
});

Deno.test("Block knows nothing of a series that it has no column for", () => {
  const block = new Block(1);
  block.appendRow(at(7));
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

Deno.test("Block keeps the time of each clock without fractions", () => {
  const block = new Block(0);
  block.appendRow({ timeMs: 1_700_000_000_000.9, monotonicMs: -12.5 });
  assert.deepEqual(block.moment(0), { timeMs: 1_700_000_000_000, monotonicMs: -12 });
});

Deno.test("Block.trimmed() has the same content, and no room for more", () => {
  const block = new Block(3);
  for (let row = 0; row < 40; row++) {
    block.appendRow({ timeMs: row, monotonicMs: 1000 + row });
    if (row % 3 === 0) block.set(0, BigInt(row));
    block.set(2, 2n ** 64n - 1n - BigInt(row));
  }
  const trimmed = block.trimmed();
  assert.equal(trimmed.byteLength, blockBytes(3, 40));
  assert.deepEqual([trimmed.rows, trimmed.isFull, block.isFull], [40, true, false]);
  for (let row = 0; row < 40; row++) {
    assert.deepEqual(trimmed.moment(row), { timeMs: row, monotonicMs: 1000 + row });
    for (const column of [0, 1, 2]) assert.equal(trimmed.get(column, row), block.get(column, row));
  }
  assert.deepEqual([0, 1, 2].map((column) => trimmed.has(column)), [true, false, true]);
});
