import assert from "node:assert/strict";
import { completeLength, recordData, recordHeader } from "./ring_records.ts";

const BUSY = 0x8000_0000;
const DISCARDED = 0x4000_0000;

/** Records of data that is its own length, each with bits beside its length. */
function piece(...records: readonly [length: number, bits?: number][]): Uint8Array<ArrayBuffer> {
  const bytes = records.flatMap(([length, bits = 0]) => [
    ...new Uint8Array(Uint32Array.of(length + bits, 0).buffer),
    ...Array(length).fill(length),
    ...Array((8 - length % 8) % 8).fill(0),
  ]);
  return Uint8Array.from(bytes);
}

Deno.test("recordHeader() reads length and bits, and rounds the span up", () => {
  assert.deepEqual(recordHeader(piece([9]), 0), { isBusy: false, isDiscarded: false, length: 9, span: 24 });
  assert.deepEqual(recordHeader(piece([8], [0, DISCARDED]), 16), {
    isBusy: false,
    isDiscarded: true,
    length: 0,
    span: 8,
  });
  const { isBusy, isDiscarded, length } = recordHeader(piece([3, BUSY]), 0);
  assert.deepEqual([isBusy, isDiscarded, length], [true, false, 3]);
});

Deno.test("recordData() gives the data without what rounds it up", () => {
  assert.deepEqual([...recordData(piece([8], [5]), 16)], [5, 5, 5, 5, 5]);
});

Deno.test("completeLength() ends before a record that is busy, also if complete ones follow", () => {
  assert.equal(completeLength(piece([8], [5, DISCARDED], [1, BUSY], [8])), 16 + 16);
  assert.equal(completeLength(piece([8, BUSY], [8])), 0);
});

Deno.test("completeLength() ends before a record that is cut off, in its header or in its data", () => {
  const bytes = piece([8], [16]);
  assert.equal(completeLength(bytes), 40);
  for (const length of [39, 24, 23, 16]) assert.equal(completeLength(bytes.subarray(0, length)), 16);
  assert.equal(completeLength(new Uint8Array()), 0);
});
