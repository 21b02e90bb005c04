import assert from "node:assert/strict";
import { BtfKind, parseBtf } from "./btf.ts";
import { decodeValue } from "./decode_value.ts";
import { type BtfInput, encodeValue } from "./encode_value.ts";
import { BtfBuilder } from "./testing_btf.ts";

type Build = (btf: BtfBuilder) => number;

/** The bytes of a value that is written over zeros. */
function stored(build: Build, size: number, value: BtfInput): number[] {
  const builder = new BtfBuilder();
  const id = build(builder);
  const bytes = new Uint8Array(size);
  encodeValue(parseBtf(builder.build()), id, bytes, value, "variable v");
  return [...bytes];
}

function assertRejected(
  build: Build,
  rejected: readonly (readonly [value: unknown, message: string])[],
): void {
  for (const [value, message] of rejected) {
    assert.throws(() => stored(build, 64, value as BtfInput), (error) => {
      assert.equal(String(error), message);
      return true;
    });
  }
}

const u8: Build = (btf) => btf.typedef("u8", btf.int("unsigned char", 1));
const s8: Build = (btf) => btf.int("s8", 1, { signed: true });
const u64: Build = (btf) => btf.int("u64", 8);
const bool: Build = (btf) => btf.add("bool", BtfKind.INT << 24, 1, [4 << 24 | 8]);
const char = (btf: BtfBuilder) => btf.int("char", 1, { signed: true });

Deno.test("encodeValue() rejects integers of the wrong sign and ones that are too large", () => {
  assertRejected(u8, [
    [-1, "RangeError: Cannot store -1 as u8 in variable v: it takes 0 to 255"],
    [256n, "RangeError: Cannot store 256 as u8 in variable v: it takes 0 to 255"],
  ]);
  assertRejected(s8, [
    [200, "RangeError: Cannot store 200 as s8 in variable v: it takes -128 to 127"],
    [-129, "RangeError: Cannot store -129 as s8 in variable v: it takes -128 to 127"],
  ]);
  assertRejected(u64, [
    [-1n, "RangeError: Cannot store -1 as u64 in variable v: it takes 0 to 18446744073709551615"],
  ]);
  assertRejected(bool, [[2, "RangeError: Cannot store 2 as bool in variable v: it takes 0 to 1"]]);
  assert.deepEqual(stored(u8, 1, 255), [255]);
  assert.deepEqual(stored(s8, 1, -128), [128]);
  assert.deepEqual(stored(u64, 8, (1n << 64n) - 1n), Array(8).fill(255));
  assert.deepEqual(stored(bool, 1, 1), [1]);
  const signed: Build = (btf) => btf.struct("s", 4, [["f", btf.int("int", 4, { signed: true }), 0, 3]]);
  assertRejected(signed, [
    [{ f: 4 }, "RangeError: Cannot store 4 as int in f of variable v: it takes -4 to 3"],
  ]);
  assert.deepEqual(stored(signed, 4, { f: -4 }), [4, 0, 0, 0]);
  const flags: Build = (btf) => btf.struct("s", 4, [["f", btf.enumeration("e", [["WIDE", 4]]), 0, 2]]);
  assertRejected(flags, [
    [{ f: "WIDE" }, "RangeError: Cannot store 4 as enum e in f of variable v: it takes 0 to 3"],
  ]);
});

Deno.test("encodeValue() rejects numbers that are not exact, and takes them as bigints", () => {
  assertRejected(u64, [[
    2 ** 60,
    "RangeError: Cannot store 1152921504606847000 as u64 in variable v: numbers are not exact there; give a bigint",
  ]]);
  assert.deepEqual(stored(u64, 8, 2 ** 53 - 1), [255, 255, 255, 255, 255, 255, 31, 0]);
  assert.deepEqual(stored(u64, 8, (1n << 60n) + 1n), [1, 0, 0, 0, 0, 0, 0, 16]);
});

/** `struct s { union { u8 x; }; struct { u8 in1; } list[2]; char name[4]; u8 raw[2]; u8 *p; }` */
const rich: Build = (btf) => {
  const byte = u8(btf);
  return btf.struct("s", 16, [
    ["", btf.union("", 1, [["x", byte, 0]]), 0],
    ["list", btf.array(btf.struct("inner", 1, [["in1", byte, 0]]), 2), 8],
    ["name", btf.array(char(btf), 4), 24],
    ["raw", btf.array(btf.const(byte), 2), 56],
    ["p", btf.pointer(byte), 64],
  ]);
};

Deno.test("encodeValue() says in which member and element a value does not fit", () => {
  assertRejected(rich, [
    [{ list: [{}, { in1: 1.5 }] }, "TypeError: Cannot store 1.5 as u8 in list[1].in1 of variable v"],
    [
      { list: [{ in1: 1 }, { in1: 999 }] },
      "RangeError: Cannot store 999 as u8 in list[1].in1 of variable v: it takes 0 to 255",
    ],
    [
      { list: [{ in2: 1 }] },
      "RangeError: Cannot store in2 in list[0] of variable v: struct inner has no such member",
    ],
    [{ list: { 0: {} } }, 'TypeError: Cannot store {"0":{}} as struct inner[2] in list of variable v'],
    [{ x: "5" }, 'TypeError: Cannot store "5" as u8 in x of variable v'],
    [{ p: "5" }, 'TypeError: Cannot store "5" as a pointer in p of variable v'],
    [{ name: "12345" }, 'TypeError: Cannot store "12345" as char[4] in name of variable v: it has 5 bytes'],
    [
      { name: "a\0b" },
      'TypeError: Cannot store "a\\u0000b" as char[4] in name of variable v: NUL ends a text; store a Uint8Array',
    ],
    [{ raw: [1, 2, 3] }, "TypeError: Cannot store [1,2,3] as u8[2] in raw of variable v"],
    [{ raw: "ab" }, 'TypeError: Cannot store "ab" as u8[2] in raw of variable v'],
  ]);
});

Deno.test("encodeValue() rejects what has the form of a value but none of its parts", () => {
  assertRejected(rich, [
    [null, "TypeError: Cannot store null as struct s in variable v"],
    [undefined, "TypeError: Cannot store undefined as struct s in variable v"],
    [5, "TypeError: Cannot store 5 as struct s in variable v"],
    [[], "TypeError: Cannot store [] as struct s in variable v"],
    [new Map([["x", 1]]), "TypeError: Cannot store [object Map] as struct s in variable v"],
    [{ x: undefined }, "TypeError: Cannot store undefined as u8 in x of variable v"],
    [{ x: null }, "TypeError: Cannot store null as u8 in x of variable v"],
    [{ "": { x: 1 } }, 'RangeError: Cannot store "" in variable v: struct s has no such member'],
    [
      JSON.parse('{"__proto__": 1}'),
      "RangeError: Cannot store __proto__ in variable v: struct s has no such member",
    ],
    // deno-lint-ignore no-sparse-arrays
    [{ raw: [, 2] }, "TypeError: Cannot store undefined as u8 in raw[0] of variable v"],
  ]);
  assert.throws(
    () => stored(rich, 64, new Date() as unknown as BtfInput),
    /^TypeError: .* as struct s in variable v$/,
  );
});

Deno.test("encodeValue() takes bytes for an array of bytes, as many as it has", () => {
  const bytes = Uint8Array.of(0xff, 0, 0x41);
  assert.deepEqual(stored((btf) => btf.array(char(btf), 3), 3, bytes), [0xff, 0, 0x41]);
  assert.deepEqual(stored((btf) => btf.array(u8(btf), 3), 3, bytes), [0xff, 0, 0x41]);
  assertRejected((btf) => btf.array(u8(btf), 4), [[
    bytes,
    "TypeError: Cannot store 3 bytes as u8[4] in variable v",
  ]]);
  assertRejected((btf) => btf.array(btf.int("u16", 2), 3), [
    [bytes, "TypeError: Cannot store 3 bytes as u16[3] in variable v"],
  ]);
});

Deno.test("encodeValue() cuts off long values in errors, and names types that hold themselves somehow", () => {
  const text = "a".repeat(100);
  assertRejected((btf) => btf.array(char(btf), 4), [[
    text,
    `TypeError: Cannot store "${"a".repeat(79)}... as char[4] in variable v: it has 100 bytes`,
  ]]);
  const builder = new BtfBuilder();
  const itself = builder.array(1, 1);
  assert.throws(() => encodeValue(parseBtf(builder.build()), itself, new Uint8Array(4), 5), {
    name: "TypeError",
  });
});

Deno.test("encodeValue() needs no name for what it writes", () => {
  const builder = new BtfBuilder();
  const id = u8(builder);
  const btf = parseBtf(builder.build());
  assert.throws(() => encodeValue(btf, id, new Uint8Array(1), "x"), { message: 'Cannot store "x" as u8' });
  encodeValue(btf, id, new Uint8Array(1), 1);
  assert.equal(decodeValue(btf, id, Uint8Array.of(7)), 7);
});
