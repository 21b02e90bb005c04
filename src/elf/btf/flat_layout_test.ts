import assert from "node:assert/strict";
import { objectError } from "../testing_error.ts";
import { parseBtf } from "./btf.ts";
import { flatLayout } from "./flat_layout.ts";
import { BtfBuilder } from "./testing_btf.ts";

/** The layout of the structure `s`. */
function layoutOf(build: (btf: BtfBuilder) => void) {
  const builder = new BtfBuilder();
  build(builder);
  return flatLayout(parseBtf(builder.build()), "s");
}

Deno.test("flatLayout() names the integers in structures and arrays as a C program does", () => {
  const layout = layoutOf((btf) => {
    const int = btf.int("int", 4);
    const inner = btf.struct("inner", 8, [["x", int, 0], ["y", btf.int("u16", 2), 32]]);
    btf.struct("s", 24, [["first", int, 0], ["list", btf.array(inner, 2), 64]]);
  });
  assert.deepEqual([...layout], [
    ["first", [0, 4]],
    ["list[0].x", [8, 4]],
    ["list[0].y", [12, 2]],
    ["list[1].x", [16, 4]],
    ["list[1].y", [20, 2]],
  ]);
});

Deno.test("flatLayout() rejects structures that the object lacks, that hold themselves, and that have no end", () => {
  const reason = (build: (btf: BtfBuilder) => void) => objectError(() => layoutOf(build)).message;
  assert.match(reason(() => {}), /there is no structure s/);
  assert.match(reason((btf) => btf.struct("s", 4, [["self", 1, 0]])), /too many fields, or itself as one/);
  assert.match(
    reason((btf) => btf.struct("s", 4, [["list", btf.array(btf.int("u8", 1), 0xffffffff), 0]])),
    /too many fields/,
  );
  assert.match(
    reason((btf) => btf.struct("s", 4, [["list", btf.array(btf.struct("empty", 0, []), 0xffffffff), 0]])),
    /too many fields/,
  );
  assert.match(
    reason((btf) => {
      let id = btf.array(btf.int("u8", 1), 10_000);
      for (let depth = 0; depth < 20; depth++) id = btf.struct("inner", 10_000, [["x".repeat(500), id, 0]]);
      btf.struct("s", 10_000, [["x", id, 0]]);
    }),
    /too many fields/,
  );
});
