import assert from "node:assert/strict";
import { BtfBuilder } from "./btf/testing_btf.ts";
import type { RelocationResult } from "./core.ts";
import { accessToB, Relo, relocate, relocateAll } from "./testing_core.ts";

Deno.test("CoreEngine cuts the flavour off after the last three underscores", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s___inner", 64, [["b", u64, 128]]);
  const values = relocateAll((btf) => {
    const u64 = btf.int("u64", 8);
    return ["s___inner___outer", "s____x", "s___"].map((name) => ({
      type: btf.struct(name, 8, [["b", u64, 0]]),
      access: "0:0",
      kind: Relo.FIELD_EXISTS,
    }));
  }, target);
  // The target's own name loses its flavour too, as in libbpf: it is "s", and only "s" finds it.
  assert.deepEqual(values.map((result) => (result as RelocationResult).value), [0n, 0n, 0n]);
  const [found] = relocateAll((btf) => [accessToB(Relo.FIELD_EXISTS)(btf)], target);
  assert.equal((found as RelocationResult).value, 1n);
});

Deno.test("CoreEngine finds names of every length, with and without a flavour, and not their beginnings", () => {
  for (const name of ["s", "st", "sto", "stor", "store"]) {
    const existsWhere = (targetName: string): unknown => {
      const target = new BtfBuilder();
      target.struct(targetName, 8, [["b", target.int("u64", 8), 0]]);
      const [result] = relocateAll((btf) => [{
        type: btf.struct(`${name}___mine`, 8, [["b", btf.int("u64", 8), 0]]),
        access: "0:0",
        kind: Relo.FIELD_EXISTS,
      }], target);
      return (result as RelocationResult).value;
    };
    assert.equal(existsWhere(name), 1n, name);
    assert.equal(existsWhere(`${name}___theirs`), 1n, name);
    assert.equal(existsWhere(`${name}s`), 0n, name);
    assert.equal(existsWhere(`${name}_`), 0n, name);
  }
});

Deno.test("CoreEngine keeps the candidates of two flavours apart", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.struct("s", 8, [["old", u64, 0]]);
  target.struct("s", 16, [["new", u64, 64]]);
  const results = relocateAll((btf) => {
    const u64 = btf.int("u64", 8);
    return ["old", "new", "old"].map((field) => ({
      type: btf.struct(`s___${field}`, 8, [[field, u64, 0]]),
      access: "0:0",
      kind: Relo.FIELD_BYTE_OFFSET,
    }));
  }, target) as RelocationResult[];
  assert.deepEqual(results.map(({ value, poison }) => [value, poison]), [[0n, false], [8n, false], [
    0n,
    false,
  ]]);
});

Deno.test("CoreEngine refuses to look for a type without name, as libbpf does", () => {
  const [field, local] = relocateAll((btf) => {
    const type = btf.struct("", 4, [["a", btf.int("u32", 4), 0]]);
    return [
      { type, access: "0:0", kind: Relo.FIELD_EXISTS },
      { type, access: "0", kind: Relo.TYPE_ID_LOCAL },
    ];
  }, new BtfBuilder());
  assert.match(String(field), /no name/);
  assert.equal((local as RelocationResult).value, 2n);
});

Deno.test("CoreEngine answers for whole types: existence, size and ids", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  const id = target.struct("s", 40, [["b", u64, 0]]);
  const [exists, size, targetId, localId, gone, goneSize] = relocateAll((btf) => {
    const type = btf.struct("s___mine", 8, [["b", btf.int("u64", 8), 0]]);
    const other = btf.struct("other", 4, []);
    return [
      { type, access: "0", kind: Relo.TYPE_EXISTS },
      { type, access: "0", kind: Relo.TYPE_SIZE },
      { type, access: "0", kind: Relo.TYPE_ID_TARGET },
      { type, access: "0", kind: Relo.TYPE_ID_LOCAL },
      { type: other, access: "0", kind: Relo.TYPE_EXISTS },
      { type: other, access: "0", kind: Relo.TYPE_SIZE },
    ];
  }, target) as RelocationResult[];
  assert.equal(exists!.value, 1n);
  assert.deepEqual([size!.original, size!.value], [8n, 40n]);
  assert.deepEqual([targetId!.value, targetId!.validate], [BigInt(id), false]);
  assert.equal(localId!.value, 2n);
  assert.deepEqual([gone!.value, gone!.poison], [0n, false]);
  assert.deepEqual([goneSize!.value, goneSize!.poison], [0n, false]);
});

Deno.test("CoreEngine refuses candidates that differ, and accepts those that agree", () => {
  const twice = (offsets: readonly number[]) => {
    const target = new BtfBuilder();
    const u64 = target.int("u64", 8);
    for (const offset of offsets) target.struct("s", 32, [["b", u64, offset]]);
    return relocateAll((btf) => [accessToB(Relo.FIELD_BYTE_OFFSET)(btf)], target)[0]!;
  };
  assert.match(String(twice([64, 128])), /^ambiguous/);
  assert.equal((twice([128, 128]) as RelocationResult).value, 16n);
});

Deno.test("CoreEngine takes no type of another kind for a candidate", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  target.union("s", 8, [["b", u64, 0]]);
  target.forward("s");
  assert.equal(relocate(accessToB(Relo.FIELD_BYTE_OFFSET), target).poison, true);
});

Deno.test("CoreEngine comes to an end where typedefs, arrays or structures hold themselves", () => {
  const target = new BtfBuilder();
  const u64 = target.int("u64", 8);
  // Ids are in order: the typedef refers to itself, the structure has itself as its anonymous member.
  target.typedef("loop", 2);
  target.struct("s", 8, [["b", 2, 0]]);
  target.struct("s", 8, [["", 4, 0], ["c", u64, 0]]);
  target.struct("s", 8, [["", target.array(5, 1), 0]]);
  const [field, size] = relocateAll((btf) => [
    accessToB(Relo.FIELD_BYTE_OFFSET)(btf),
    { type: btf.typedef("loop", 4), access: "0", kind: Relo.TYPE_SIZE },
  ], target);
  assert.equal(field, "nested too deeply");
  assert.equal(size, "a type has no size");
});
