import assert from "node:assert/strict";
import { ObjectError } from "../object_error.ts";
import { BtfKind, parseBtf } from "./btf.ts";
import { type BtfValue, decodeValue } from "./decode_value.ts";
import { type BtfInput, encodeValue } from "./encode_value.ts";
import { BtfBuilder } from "./testing_btf.ts";

/** A type and the blob that it is in. */
function typeOf(build: (btf: BtfBuilder) => number) {
  const builder = new BtfBuilder();
  const id = build(builder);
  return { btf: parseBtf(builder.build()), id };
}

/** The value after it was written over zeros and read again, and the bytes between. */
function roundTrip(build: (btf: BtfBuilder) => number, size: number, value: BtfInput): [BtfValue, number[]] {
  const { btf, id } = typeOf(build);
  const bytes = new Uint8Array(size);
  encodeValue(btf, id, bytes, value);
  return [decodeValue(btf, id, bytes), [...bytes]];
}

Deno.test("encodeValue() and decodeValue() keep integers of every width, small ones as numbers", () => {
  assert.deepEqual(roundTrip((btf) => btf.int("u8", 1), 1, 255), [255, [255]]);
  assert.deepEqual(roundTrip((btf) => btf.int("s16", 2, { signed: true }), 2, -2), [-2, [254, 255]]);
  assert.deepEqual(
    roundTrip((btf) => btf.typedef("t", btf.const(btf.int("u32", 4))), 4, 2 ** 32 - 1)[0],
    2 ** 32 - 1,
  );
  assert.deepEqual(roundTrip((btf) => btf.int("s64", 8, { signed: true }), 8, -1n), [
    -1n,
    Array(8).fill(255),
  ]);
  assert.deepEqual(roundTrip((btf) => btf.pointer(0), 8, 1n << 63n)[0], 1n << 63n);
  assert.deepEqual(roundTrip((btf) => btf.add("bool", BtfKind.INT << 24, 1, [4 << 24 | 8]), 1, true), [true, [
    1,
  ]]);
  assert.deepEqual(roundTrip((btf) => btf.add("double", BtfKind.FLOAT << 24, 8), 8, 0.5)[0], 0.5);
});

Deno.test("encodeValue() and decodeValue() keep bit-fields apart, also signed ones and across bytes", () => {
  const build = (btf: BtfBuilder) => {
    const [int, unsigned] = [btf.int("int", 4, { signed: true }), btf.int("unsigned", 4)];
    return btf.struct("s", 8, [["a", unsigned, 0, 3], ["b", int, 3, 7], ["c", unsigned, 10, 22], [
      "d",
      int,
      32,
      0,
    ]]);
  };
  const value = { a: 5, b: -3, c: 0x3fffff, d: -9 };
  const [read, bytes] = roundTrip(build, 8, value);
  assert.deepEqual(read, value);
  assert.equal(bytes[0], (-3 & 0x1f) << 3 | 5);
});

Deno.test("encodeValue() and decodeValue() read structures through anonymous ones, arrays, and texts", () => {
  const build = (btf: BtfBuilder) => {
    const [int, char] = [btf.int("int", 4), btf.int("char", 1)];
    const inner = btf.union("", 4, [["x", int, 0], ["y", int, 0]]);
    return btf.struct("s", 16, [["", inner, 0], ["name", btf.array(char, 4), 32], [
      "list",
      btf.array(int, 2),
      64,
    ]]);
  };
  const [read, bytes] = roundTrip(build, 16, { y: 7, name: "abc", list: [1, 2] });
  assert.deepEqual(read, { x: 7, y: 7, name: "abc", list: [1, 2] });
  assert.deepEqual(bytes, [7, 0, 0, 0, 97, 98, 99, 0, 1, 0, 0, 0, 2, 0, 0, 0]);
});

Deno.test("encodeValue() takes enumerators by their names, of 64 bits, too", () => {
  const small = (btf: BtfBuilder) => btf.enumeration("e", [["NO", -1], ["YES", 1]]);
  assert.deepEqual(roundTrip(small, 4, "NO"), [-1, [255, 255, 255, 255]]);
  assert.equal(roundTrip((btf) => btf.enumeration64("e", [["LARGE", 1n << 40n]]), 8, "LARGE")[0], 1n << 40n);
});

Deno.test("encodeValue() leaves alone what a value leaves out", () => {
  const { btf, id } = typeOf((btf) => {
    const int = btf.int("int", 4);
    return btf.struct("s", 8, [["a", int, 0], ["b", int, 32]]);
  });
  const bytes = new Uint8Array(8).fill(1);
  encodeValue(btf, id, bytes, { b: 2 });
  assert.deepEqual([...bytes], [1, 1, 1, 1, 2, 0, 0, 0]);
});

Deno.test("encodeValue() rejects what does not fit, and members that are not there", () => {
  const rejected = (build: (btf: BtfBuilder) => number, value: BtfInput, error: RegExp) => {
    const { btf, id } = typeOf(build);
    assert.throws(() => encodeValue(btf, id, new Uint8Array(64), value), error);
  };
  const u8 = (btf: BtfBuilder) => btf.int("u8", 1);
  rejected(u8, 256, /^RangeError: Cannot store 256 as u8: it takes 0 to 255$/);
  rejected(u8, 1.5, /^TypeError: Cannot store 1.5 as u8/);
  rejected(u8, "1", /^TypeError: Cannot store "1" as u8$/);
  rejected(
    (btf) => btf.array(btf.int("char", 1), 2),
    "abc",
    /^TypeError: Cannot store "abc" as char\[2\]: it has 3 bytes$/,
  );
  rejected((btf) => btf.array(u8(btf), 2), [1, 2, 3], /^TypeError: Cannot store \[1,2,3\] as u8\[2\]$/);
  rejected(
    (btf) => btf.struct("s", 1, [["a", u8(btf), 0]]),
    { b: 1 },
    /^RangeError: Cannot store b: struct s has no such member$/,
  );
  rejected((btf) => btf.enumeration("e", [["A", 1]]), "B", /^TypeError: Cannot store "B" as enum e$/);
});

Deno.test("decodeValue() rejects types without values, and too few bytes", () => {
  const { btf, id } = typeOf((btf) => btf.int("u32", 4));
  assert.throws(() => decodeValue(btf, id, new Uint8Array(3)), { name: "RangeError" });
  const forward = typeOf((btf) => btf.forward("gone"));
  assert.throws(() => decodeValue(forward.btf, forward.id, new Uint8Array(8)), /gone cannot be read/);
});

/** A structure with one member, of its own type. */
function selfHolding(name: string) {
  return (btf: BtfBuilder) => btf.struct("s", 4, [[name, 1, 0]]);
}

Deno.test("decodeValue() and encodeValue() reject types that hold themselves", () => {
  for (const name of ["", "self"]) {
    const { btf, id } = typeOf(selfHolding(name));
    assert.throws(() => decodeValue(btf, id, new Uint8Array(4)), ObjectError);
  }
  const anonymous = typeOf(selfHolding(""));
  assert.throws(() => encodeValue(anonymous.btf, anonymous.id, new Uint8Array(4), { x: 1 }), ObjectError);
  const twice = typeOf((btf) => btf.union("u", 4, [["a", 1, 0], ["b", 1, 0]]));
  assert.throws(() => decodeValue(twice.btf, twice.id, new Uint8Array(4)), ObjectError);
});

Deno.test("decodeValue() rejects unions of unions, whose parts double with each", () => {
  const build = (btf: BtfBuilder) => {
    let id = btf.int("int", 4);
    for (let depth = 0; depth < 30; depth++) id = btf.union("u", 4, [["a", id, 0], ["b", id, 0]]);
    return id;
  };
  const { btf, id } = typeOf(build);
  assert.throws(() => decodeValue(btf, id, new Uint8Array(4)), /nests too deeply, or has more than/);
});

Deno.test("decodeValue() rejects arrays with more elements than bytes before it reads any", () => {
  const many = typeOf((btf) => btf.array(btf.int("u8", 1), 0xffffffff));
  assert.throws(() => decodeValue(many.btf, many.id, new Uint8Array(8)), { name: "RangeError" });
  const nothing = typeOf((btf) => btf.array(btf.struct("empty", 0, []), 0xffffffff));
  assert.throws(() => decodeValue(nothing.btf, nothing.id, new Uint8Array(8)), ObjectError);
});

Deno.test("decodeValue() and encodeValue() reject integers wider than any", () => {
  const { btf, id } = typeOf((btf) => btf.int("wide", 1 << 20));
  const bytes = new Uint8Array(1 << 20);
  assert.throws(() => decodeValue(btf, id, bytes), /wide is an integer of 1048576 bytes/);
  assert.throws(() => encodeValue(btf, id, bytes, 1), /wide is an integer of 1048576 bytes/);
});

Deno.test("decodeValue() and encodeValue() leave the bytes around a text alone", () => {
  const { btf, id } = typeOf((btf) => btf.array(btf.int("char", 1), 8));
  const around = new Uint8Array(16).fill(65);
  const part = around.subarray(4, 8);
  assert.throws(() => decodeValue(btf, id, part), { name: "RangeError" });
  assert.throws(() => encodeValue(btf, id, part, "x"), { name: "RangeError" });
  assert.deepEqual(around, new Uint8Array(16).fill(65));
});

Deno.test("encodeValue() names values with large integers in them that it rejects", () => {
  const { btf, id } = typeOf((btf) => btf.int("u32", 4));
  assert.throws(
    () => encodeValue(btf, id, new Uint8Array(4), [1n]),
    /^TypeError: Cannot store \["1"\] as u32/,
  );
});
