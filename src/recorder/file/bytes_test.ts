import assert from "node:assert/strict";
import { ByteReader, ByteWriter, isZero } from "./bytes.ts";

const UNSIGNED = [0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER];
const SIGNED = [0n, -1n, 1n, 63n, -64n, 64n, 2n ** 50n, 2n ** 51n - 1n, 2n ** 51n, 2n ** 52n + 1n, 2n ** 62n]
  .flatMap((value) => [value, -value, value - 1n]).concat(2n ** 63n - 1n, -(2n ** 63n));

Deno.test("what ByteWriter puts is what ByteReader takes", () => {
  const bytes = new Uint8Array(4096);
  const writer = new ByteWriter(bytes);
  for (const value of UNSIGNED) writer.unsigned(value);
  for (const value of SIGNED) writer.signed(value);
  for (const value of [0.1, -1e300, 1.7e12]) writer.f64(value);
  writer.u32(0xfffffffe);
  writer.text("latency \u00b5s");
  assert.ok(writer.hasRoom);
  const reader = new ByteReader(bytes, 0, writer.position);
  assert.deepEqual(UNSIGNED.map(() => reader.unsigned()), UNSIGNED);
  assert.deepEqual(SIGNED.map(() => reader.signed()), SIGNED);
  assert.deepEqual([reader.f64(), reader.f64(), reader.f64()], [0.1, -1e300, 1.7e12]);
  assert.equal(reader.u32(), 0xfffffffe);
  assert.equal(reader.text(), "latency \u00b5s");
  assert.throws(() => reader.byte(), RangeError);
});

Deno.test("ByteWriter says when there is no room, and writes nothing past its end", () => {
  const all = new Uint8Array(16).fill(7);
  for (const put of ["u32", "f64", "unsigned"] as const) {
    const writer = new ByteWriter(all.subarray(0, 2));
    writer[put](Number.MAX_SAFE_INTEGER);
    assert.equal(writer.hasRoom, false, put);
  }
  const writer = new ByteWriter(all.subarray(0, 2));
  writer.signed(-(2n ** 63n));
  writer.text("long enough");
  assert.equal(writer.hasRoom, false);
  assert.deepEqual(all.subarray(2), new Uint8Array(14).fill(7));
});

Deno.test("ByteReader refuses what ends too early, numbers that are too large and texts that are none", () => {
  assert.throws(() => new ByteReader(new Uint8Array([0xff, 0xff])).unsigned(), RangeError);
  assert.throws(() => new ByteReader(new Uint8Array(20).fill(0xff)).unsigned(), RangeError);
  assert.throws(() => new ByteReader(new Uint8Array(20).fill(0xff)).signed(), RangeError);
  assert.throws(() => new ByteReader(new Uint8Array([5, 65])).text(), RangeError);
  assert.throws(() => new ByteReader(new Uint8Array([1, 0xff])).text(), TypeError);
  assert.throws(() => new ByteReader(new Uint8Array(8), 2, 5).u32(), RangeError);
});

Deno.test("isZero() sees a byte that is not zero at each place, wherever the bytes begin", () => {
  const all = new Uint8Array(40);
  for (let from = 0; from < 8; from++) {
    for (let to = from; to <= all.length; to++) {
      assert.ok(isZero(all.subarray(from, to)));
      for (let place = 0; place < all.length; place++) {
        all[place] = 0x80;
        assert.equal(isZero(all.subarray(from, to)), place < from || place >= to);
        all[place] = 0;
      }
    }
  }
});
