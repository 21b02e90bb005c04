import assert from "node:assert/strict";
import { BtfBuilder } from "../../elf/btf/testing_btf.ts";
import { BpfMapType, parseBtf } from "../../elf/mod.ts";
import { mapSpec } from "./testing_map.ts";
import { MapValues } from "./values.ts";

/** Values of 4 bytes of a map called m, on a machine with so many CPUs. */
function valuesOf(type: number, cpus: number): MapValues {
  const builder = new BtfBuilder();
  const int = builder.int("int", 4, { signed: true });
  const spec = mapSpec({ type, valueSize: 4, keyType: int, valueType: int });
  return new MapValues(spec, parseBtf(builder.build()), () => cpus);
}

Deno.test("MapValues takes and gives an array of values of a per-CPU map, also where there is one CPU", () => {
  const two = valuesOf(BpfMapType.PERCPU_ARRAY, 2);
  assert.deepEqual([...two.encode([7, -1])], [7, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
  assert.deepEqual(two.decode(two.encode([7, -1])), [7, -1]);
  const one = valuesOf(BpfMapType.PERCPU_HASH, 1);
  assert.deepEqual([one.count, one.size], [1, 8]);
  assert.deepEqual([...one.encode([7])], [7, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(one.decode(one.encode([7])), [7]);
});

Deno.test("MapValues takes nothing but one value for each CPU of a per-CPU map", () => {
  for (const value of [5, [5], [5, 6, 7]]) {
    assert.throws(() => valuesOf(BpfMapType.LRU_PERCPU_HASH, 2).encode(value), {
      name: "TypeError",
      message: /^Cannot update map m: it takes an array with one value for each possible CPU, .* are 2$/,
    });
  }
  assert.throws(() => valuesOf(BpfMapType.PERCPU_ARRAY, 1).encode(5), { name: "TypeError" });
});

Deno.test("MapValues takes and gives a value of a map of another type by itself, whatever CPUs there are", () => {
  for (const cpus of [1, 2]) {
    const values = valuesOf(BpfMapType.HASH, cpus);
    assert.deepEqual([values.count, values.size], [1, 4]);
    assert.equal(values.decode(values.encode(-7)), -7);
  }
});
