import assert from "node:assert/strict";
import { BpfMapType, mapTraits, mapTypeName } from "./map_types.ts";

Deno.test("BpfMapType has each number of the kernel's enumeration once, without a gap", () => {
  const ids = Object.values(BpfMapType);
  assert.deepEqual(ids, ids.map((_, index) => index));
  // include/uapi/linux/bpf.h
  assert.deepEqual([BpfMapType.HASH, BpfMapType.RINGBUF, BpfMapType.ARENA], [1, 27, 33]);
});

Deno.test("mapTraits() and mapTypeName() know a type by its number, and say of none what they do not know", () => {
  assert.equal(mapTypeName(12), "ARRAY_OF_MAPS");
  assert.equal(mapTraits(12)?.holds, "maps");
  assert.equal(mapTypeName(200), "200");
  assert.equal(mapTraits(200), undefined);
});
