import assert from "node:assert/strict";
import { BtfBuilder } from "./btf/testing_btf.ts";
import type { RelocationResult } from "./core.ts";
import { Relo, relocate, relocateAll } from "./testing_core.ts";

Deno.test("CoreEngine tells the shifts that extract a bit-field, and the load that covers it", () => {
  const target = new BtfBuilder();
  const u32 = target.int("u32", 4);
  // Bits 35 to 39: in the second 32-bit word from bit 3 on.
  target.struct("s", 8, [["a", u32, 0, 0], ["f", u32, 35, 5]]);
  const local = (kind: number) => (btf: BtfBuilder) => ({
    type: btf.struct("s", 4, [["f", btf.int("u32", 4), 0, 5]]),
    access: "0:0",
    kind,
  });
  const value = (kind: number) => relocate(local(kind), target).value;
  assert.equal(value(Relo.FIELD_BYTE_OFFSET), 4n);
  assert.equal(value(Relo.FIELD_BYTE_SIZE), 4n);
  assert.equal(value(Relo.FIELD_LSHIFT_U64), 64n - 8n);
  assert.equal(value(Relo.FIELD_RSHIFT_U64), 64n - 5n);
  assert.equal(relocate(local(Relo.FIELD_BYTE_OFFSET), target).validate, false);
  assert.equal(relocate(local(Relo.FIELD_RSHIFT_U64), target).validate, true);
});

Deno.test("CoreEngine widens the load for a bit-field that straddles words", () => {
  const target = new BtfBuilder();
  const u8 = target.int("u8", 1);
  target.struct("s", 8, [["f", u8, 6, 4]]);
  const size = relocate(
    (btf) => ({
      type: btf.struct("s", 1, [["f", btf.int("u8", 1), 0, 4]]),
      access: "0:0",
      kind: Relo.FIELD_BYTE_SIZE,
    }),
    target,
  );
  assert.deepEqual([size.original, size.value], [1n, 2n]);
});

Deno.test("CoreEngine tells offset, size and shifts of bit-fields of every width and place", () => {
  for (const [name, unit] of [["u8", 1], ["u16", 2], ["u32", 4], ["u64", 8]] as const) {
    for (let width = 1; width <= unit * 8; width++) {
      for (const place of [0, 1, 7, 8, 31, 32, 40]) {
        const build = (btf: BtfBuilder) => btf.struct("s", 32, [["f", btf.int(name, unit), place, width]]);
        const target = new BtfBuilder();
        build(target);
        const kinds = [
          Relo.FIELD_BYTE_OFFSET,
          Relo.FIELD_BYTE_SIZE,
          Relo.FIELD_LSHIFT_U64,
          Relo.FIELD_RSHIFT_U64,
        ];
        const results = relocateAll((btf) => {
          const type = build(btf);
          return kinds.map((kind) => ({ type, access: "0:0", kind }));
        }, target);
        // No aligned load of at most 8 bytes covers it.
        if (Math.floor(place / 64) !== Math.floor((place + width - 1) / 64)) {
          for (const result of results) assert.match(String(result), /no load can cover/);
          continue;
        }
        const [offset, size, left, right] = results.map((result) =>
          Number((result as RelocationResult).value)
        );
        const what = `${name} ${place}:${width}`;
        assert.ok([1, 2, 4, 8].includes(size!) && size! >= unit && offset! % size! === 0, what);
        assert.ok(offset! * 8 <= place && place + width <= (offset! + size!) * 8, what);
        // What a program does with it: load, shift left, shift right.
        const field = 0xffff_ffff_ffff_ffffn >> BigInt(64 - width) << BigInt(place - offset! * 8);
        const shifted = BigInt.asUintN(64, field << BigInt(left!)) >> BigInt(right!);
        assert.equal(shifted, 0xffff_ffff_ffff_ffffn >> BigInt(64 - width), what);
        assert.equal(BigInt.asUintN(64, ~field << BigInt(left!)) >> BigInt(right!), 0n, what);
      }
    }
  }
});
