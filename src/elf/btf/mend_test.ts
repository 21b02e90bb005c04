import assert from "node:assert/strict";
import { BtfKind, parseBtf, sizeOfType } from "./btf.ts";
import { mendedBtf } from "./mend.ts";
import { BtfBuilder } from "./testing_btf.ts";

Deno.test("mendedBtf() gives variables that are smaller than their types types of their sizes", () => {
  const builder = new BtfBuilder();
  const int = builder.int("int", 4);
  const flag = builder.variable("flag", int);
  const whole = builder.variable("whole", int);
  const numbers = builder.variable("numbers", builder.array(int, 3));
  const section = builder.dataSection(".bss", [[flag, 0, 1], [whole, 4, 4], [numbers, 8, 8]]);
  const before = builder.build();
  const mended = parseBtf(mendedBtf(before)!);

  const names = mended.types.slice(0, section + 1).map(({ kind, name }) => [kind, name]);
  assert.deepEqual(names, parseBtf(before).types.map(({ kind, name }) => [kind, name]));
  const typeOf = (variable: number) => mended.types[variable]!.sizeOrType;
  assert.deepEqual(
    [flag, whole, numbers].map((variable) => sizeOfType(mended, typeOf(variable))),
    [1, 4, 8],
  );
  assert.equal(typeOf(whole), int);
  assert.deepEqual(mended.types.slice(section + 1).map(({ kind }) => kind), [
    BtfKind.STRUCT,
    BtfKind.STRUCT,
  ]);
  assert.deepEqual(mended.types[section]!.variables, parseBtf(before).types[section]!.variables);
});

Deno.test("mendedBtf() finds nothing to mend where variables have room, or no type that has a size", () => {
  const builder = new BtfBuilder();
  const int = builder.int("int", 4);
  const strange = builder.variable("strange", builder.forward("nowhere"));
  builder.dataSection(".data", [[builder.variable("wide", int), 0, 8], [strange, 8, 1], [int, 12, 1], [
    99,
    16,
    1,
  ]]);
  assert.equal(mendedBtf(builder.build()), undefined);
});
