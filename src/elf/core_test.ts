import assert from "node:assert/strict";
import { BtfKind } from "./btf/btf.ts";
import { BtfBuilder } from "./btf/testing_btf.ts";
import { accessToB, Relo, relocate } from "./testing_core.ts";

Deno.test("CoreEngine follows a field that moved", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 64, [["x", u64, 0], ["b", u64, 320]]);
  const result = relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target);
  assert.deepEqual(result, {
    original: 8n,
    value: 40n,
    originalSize: 8,
    size: 8,
    poison: false,
    validate: true,
    unsafeSize: false,
  });
});

Deno.test("CoreEngine follows a field into anonymous structures and unions", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  const inner = target.struct("", 16, [["x", u64, 0], ["b", u64, 64]]);
  const union = target.union("", 16, [["y", u64, 0], ["", inner, 0]]);
  target.struct("s", 48, [["z", u64, 0], ["", union, 128]]);
  assert.equal(relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target).value, 24n);
});

Deno.test("CoreEngine follows an element of an array whose elements grew", () => {
  const target = new BtfBuilder();
  const wide = target.int("u64", 8);
  target.struct("s", 128, [["x", wide, 0], ["list", target.array(wide, 8), 64]]);
  const result = relocate((btf) => {
    const list = btf.array(btf.int("u32", 4), 8);
    return {
      type: btf.struct("s", 32, [["list", list, 0]]),
      access: "0:0:3",
      kind: Relo.FIELD_BYTE_OFFSET,
    };
  }, target);
  assert.deepEqual([result.original, result.value], [12n, 32n]);
  assert.deepEqual([result.originalSize, result.size, result.unsafeSize], [4, 8, false]);
});

Deno.test("CoreEngine poisons an element past the end of the target's array", () => {
  const target = new BtfBuilder();
  target.struct("s", 8, [["list", target.array(target.int("u32", 4), 2), 0]]);
  const result = relocate((btf) => {
    const list = btf.array(btf.int("u32", 4), 8);
    return {
      type: btf.struct("s", 32, [["list", list, 0]]),
      access: "0:0:2",
      kind: Relo.FIELD_BYTE_OFFSET,
    };
  }, target);
  assert.equal(result.poison, true);
});

Deno.test("CoreEngine lets an array that is accessed as a whole change its length", () => {
  const target = new BtfBuilder();
  target.struct("s", 64, [["comm", target.array(target.int("char", 1), 32), 256]]);
  const result = relocate((btf) => {
    const comm = btf.array(btf.int("char", 1), 16);
    return { type: btf.struct("s", 16, [["comm", comm, 0]]), access: "0:0", kind: Relo.FIELD_BYTE_OFFSET };
  }, target);
  assert.deepEqual([result.value, result.size, result.originalSize], [32n, 1, 1]);
  assert.equal(result.unsafeSize, false);
});

Deno.test("CoreEngine indexes a flexible array at the end of a structure", () => {
  const target = new BtfBuilder();
  const u32 = target.int("u32", 4);
  target.struct("s", 8, [["n", u32, 0], ["m", u32, 32], ["list", target.array(u32, 0), 64]]);
  const result = relocate((btf) => {
    const u32 = btf.int("u32", 4);
    const type = btf.struct("s", 4, [["n", u32, 0], ["list", btf.array(u32, 0), 32]]);
    return { type, access: "0:1:5", kind: Relo.FIELD_BYTE_OFFSET };
  }, target);
  assert.deepEqual([result.original, result.value], [24n, 28n]);
});

Deno.test("CoreEngine poisons an access to a field or a type that the target lacks", () => {
  const target = new BtfBuilder();
  target.struct("s", 4, [["a", target.int("u32", 4), 0]]);
  for (
    const kind of [Relo.FIELD_BYTE_OFFSET, Relo.FIELD_BYTE_SIZE, Relo.FIELD_SIGNED, Relo.FIELD_LSHIFT_U64]
  ) {
    assert.equal(relocate(accessToB(kind), target).poison, true, `kind ${kind}`);
    assert.equal(relocate(accessToB(kind), new BtfBuilder()).poison, true, `kind ${kind}, no type`);
  }
});

Deno.test("CoreEngine poisons nothing if an incompatible field only makes a candidate drop out", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 8, [["b", target.pointer(u64), 0]]);
  target.struct("s", 24, [["b", u64, 128]]);
  const result = relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target);
  assert.deepEqual([result.value, result.poison], [16n, false]);
});

Deno.test("CoreEngine answers whether a field exists", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 8, [["b", u64, 0]]);
  assert.equal(relocate(accessToB(Relo.FIELD_EXISTS), target).value, 1n);
  const without = new BtfBuilder();
  without.struct("s", 8, [["c", without.int("u64", 8), 0]]);
  const missing = relocate(accessToB(Relo.FIELD_EXISTS), without);
  assert.deepEqual([missing.original, missing.value, missing.poison], [1n, 0n, false]);
});

Deno.test("CoreEngine tells the size and the sign of a field", () => {
  const target = new BtfBuilder();
  target.struct("s", 8, [["b", target.typedef("s32", target.int("int", 4, { signed: true })), 0]]);
  const size = relocate(accessToB(Relo.FIELD_BYTE_SIZE), target);
  assert.deepEqual([size.original, size.value], [8n, 4n]);
  const sign = relocate(accessToB(Relo.FIELD_SIGNED), target);
  assert.deepEqual([sign.original, sign.value], [0n, 1n]);
});

Deno.test("CoreEngine allows a load to change its width only where zeros may be added", () => {
  const widths = (build: (btf: BtfBuilder) => number) => {
    const target = new BtfBuilder();
    target.struct("s", 8, [["b", build(target), 0]]);
    return relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target);
  };
  assert.equal(widths((btf) => btf.int("u32", 4)).unsafeSize, false);
  assert.equal(widths((btf) => btf.int("s32", 4, { signed: true })).unsafeSize, true);
  assert.equal(widths((btf) => btf.int("s64", 8, { signed: true })).unsafeSize, false);
  const bitField = new BtfBuilder();
  bitField.struct("s", 8, [["b", bitField.int("u64", 8), 0, 3]]);
  assert.equal(relocate(accessToB(Relo.FIELD_BYTE_OFFSET), bitField).unsafeSize, true);
});

Deno.test("CoreEngine takes the value of an enumerator from the target, of both widths and signs", () => {
  const target = new BtfBuilder();
  target.enumeration("e", [["FIRST", 0], ["WANTED", 7], ["NEGATIVE", -2]]);
  target.enumeration64("big", [["HUGE", 0x1234_5678_9abc_def0n]]);
  const local = (name: string, enumerator: string, kind: number) => (btf: BtfBuilder) => ({
    type: btf.enumeration(name, [[enumerator, 1]]),
    access: "0",
    kind,
  });
  const changed = relocate(local("e", "WANTED", Relo.ENUMVAL_VALUE), target);
  assert.deepEqual([changed.original, changed.value], [1n, 7n]);
  assert.equal(relocate(local("e", "WANTED___v2", Relo.ENUMVAL_VALUE), target).value, 7n);
  assert.equal(BigInt.asIntN(64, relocate(local("e", "NEGATIVE", Relo.ENUMVAL_VALUE), target).value), -2n);
  assert.equal(relocate(local("big", "HUGE", Relo.ENUMVAL_VALUE), target).value, 0x1234_5678_9abc_def0n);
  assert.equal(relocate(local("e", "WANTED", Relo.ENUMVAL_EXISTS), target).value, 1n);
  assert.equal(relocate(local("e", "GONE", Relo.ENUMVAL_EXISTS), target).value, 0n);
  assert.equal(relocate(local("e", "GONE", Relo.ENUMVAL_VALUE), target).poison, true);
});

Deno.test("CoreEngine reads an enumerator of 32 bits as a signed number, also without the flag that came with Linux 6.0", () => {
  const target = new BtfBuilder();
  target.add("e", BtfKind.ENUM << 24 | 1, 4, [target.string("NEGATIVE"), -2]);
  const { original, value } = relocate((btf) => ({
    type: btf.add("e", BtfKind.ENUM << 24 | 1, 4, [btf.string("NEGATIVE"), -1]),
    access: "0",
    kind: Relo.ENUMVAL_VALUE,
  }), target);
  assert.deepEqual([BigInt.asIntN(64, original), BigInt.asIntN(64, value)], [-1n, -2n]);
});
