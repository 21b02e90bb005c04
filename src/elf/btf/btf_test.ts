import assert from "node:assert/strict";
import { objectError } from "../testing_error.ts";
import { BtfKind, parseBtf, resolveType, sizeOfType } from "./btf.ts";
import { BtfBuilder } from "./testing_btf.ts";

Deno.test("parseBtf() reads every kind, in order", () => {
  const btf = new BtfBuilder();
  const int = btf.int("int", 4, { signed: true });
  const pointer = btf.pointer(int);
  const array = btf.array(int, 3);
  const struct = btf.struct("s", 24, [["p", pointer, 0], ["list", array, 64]]);
  btf.union("u", 8, [["p", pointer, 0]]);
  btf.enumeration("e", [["A", -1], ["B", 1]]);
  btf.forward("f");
  btf.typedef("t", struct);
  btf.const(int);
  btf.enumeration64("big", [["C", 1n << 40n]]);
  const variable = btf.variable("v", struct);
  btf.dataSection(".data", [[variable, 8, 24]]);
  const { types } = parseBtf(btf.build());
  assert.deepEqual(types.map(({ kind }) => kind), [
    BtfKind.VOID,
    BtfKind.INT,
    BtfKind.PTR,
    BtfKind.ARRAY,
    BtfKind.STRUCT,
    BtfKind.UNION,
    BtfKind.ENUM,
    BtfKind.FWD,
    BtfKind.TYPEDEF,
    BtfKind.CONST,
    BtfKind.ENUM64,
    BtfKind.VAR,
    BtfKind.DATASEC,
  ]);
  assert.deepEqual(types.map(({ id }) => id), types.map((_, index) => index));
  assert.deepEqual(types[array]!.array, { type: int, length: 3 });
  assert.deepEqual(types[struct]!.members, [
    { name: "p", type: pointer, bitOffset: 0 },
    { name: "list", type: array, bitOffset: 64 },
  ]);
  assert.deepEqual(types.at(-1)!.variables, [{ type: variable, offset: 8, size: 24 }]);
});

Deno.test("parseBtf() separates the bit offset from the size of a bit-field", () => {
  const btf = new BtfBuilder();
  const int = btf.int("u32", 4);
  btf.struct("s", 4, [["a", int, 0, 3], ["b", int, 35, 5]]);
  const { types } = parseBtf(btf.build());
  assert.deepEqual(types[2]!.members.map(({ bitOffset }) => bitOffset), [0, 35]);
});

Deno.test("sizeOfType() multiplies arrays and looks behind typedefs and qualifiers", () => {
  const btf = new BtfBuilder();
  const int = btf.int("u32", 4);
  const matrix = btf.array(btf.array(btf.typedef("t", btf.const(int)), 5), 7);
  const pointer = btf.pointer(0);
  const parsed = parseBtf(btf.build());
  assert.equal(sizeOfType(parsed, matrix), 7 * 5 * 4);
  assert.equal(sizeOfType(parsed, pointer), 8);
  assert.equal(resolveType(parsed, matrix).kind, BtfKind.ARRAY);
});

Deno.test("sizeOfType() and resolveType() end at loops, at what has no size, and at ids out of range", () => {
  const btf = new BtfBuilder();
  const loop = btf.typedef("loop", 1);
  const array = btf.array(2, 1);
  const forward = btf.forward("f");
  const parsed = parseBtf(btf.build());
  assert.match(objectError(() => resolveType(parsed, loop)).message, /refers to itself/);
  assert.match(objectError(() => sizeOfType(parsed, array)).message, /has no size/);
  assert.match(objectError(() => sizeOfType(parsed, forward)).message, /has no size/);
  assert.match(objectError(() => sizeOfType(parsed, 99)).message, /no type 99/);
});

Deno.test("sizeOfType() rejects a size of more than 32 bits", () => {
  const btf = new BtfBuilder();
  const array = btf.array(btf.array(btf.int("u64", 8), 0x10000), 0x10000);
  assert.match(objectError(() => sizeOfType(parseBtf(btf.build()), array)).message, /34359738368 bytes/);
});

function sample(): Uint8Array<ArrayBuffer> {
  const btf = new BtfBuilder();
  btf.struct("s", 8, [["a", btf.int("u64", 8), 0]]);
  return btf.build();
}

Deno.test("parseBtf() rejects every prefix with an ObjectError", () => {
  const bytes = sample();
  for (let length = 0; length < bytes.length; length++) {
    objectError(() => parseBtf(bytes.subarray(0, length)));
  }
  assert.equal(parseBtf(bytes).types.length, 3);
});

Deno.test("parseBtf() names section and offset of what is wrong", () => {
  const changed = (change: (view: DataView) => void) => {
    const copy = sample();
    change(new DataView(copy.buffer));
    const { section, offset } = objectError(() => parseBtf(copy));
    return [section, offset];
  };
  assert.deepEqual(changed((view) => view.setUint16(0, 0x9feb, true)), [".BTF", 0]);
  assert.deepEqual(changed((view) => view.setUint32(4, 8, true)), [".BTF", 4]);
  assert.deepEqual(changed((view) => view.setUint32(12, 0xffffffff, true)), [".BTF", 12]);
  assert.equal(changed((view) => view.setUint32(20, 0xffffffff, true))[0], ".BTF");
  assert.deepEqual(changed((view) => view.setUint32(24, 4000, true)), [".BTF strings", 4000]);
  assert.deepEqual(changed((view) => view.setUint32(28, 63 << 24, true)), [".BTF", 24]);
  assert.deepEqual(changed((view) => view.setUint32(28, 4 << 24 | 0xffff, true)), [".BTF", 24]);
});

Deno.test("parseBtf() rejects a name without an end in reach, so that many types cannot share a huge one", () => {
  const btf = new BtfBuilder();
  btf.int("x".repeat(600), 4);
  assert.match(objectError(() => parseBtf(btf.build())).message, /no name ends within 512 bytes/);
});
